import { page, pageRequest } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { inOrganization } from './organization';
import { roleReference, tenantErrors } from './permission';

export const member = z
  .strictObject({
    userId: z.uuid(),
    name: z.string(),
    email: z.string(),
    avatarUrl: z.string().nullable(),
    role: roleReference,
    roleName: z.string(),
    joinedAt: z.iso.datetime(),
  })
  .meta({ id: 'Member' });
export type Member = z.output<typeof member>;

/** The newest accounts first. */
export const listMembers = defineRpc('auth', 'listMembers', {
  access: 'user',
  scope: 'organizations:read',
  permission: 'members:read',
  request: pageRequest.extend(inOrganization),
  response: page(member),
  errors: tenantErrors,
});
