import { page, pageRequest, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { inOrganization } from './organization';
import { roleReference, tenantErrors } from './permission';

export const member = z
  .strictObject({
    userId: uuid,
    name: z.string(),
    email: z.string(),
    avatarUrl: z.string().nullable(),
    role: roleReference,
    roleName: z.string(),
    joinedAt: z.iso.datetime(),
  })
  .meta({ id: 'Member' });
export type Member = z.output<typeof member>;

/** Members with the newest accounts come first. */
export const listMembers = defineRpc('auth', 'listMembers', {
  http: {
    id: 'members.list',
    get: '/organizations/:organizationId/members',
    summary: 'List members',
    description: 'Returns the members with the newest accounts first.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'members:read',
  request: pageRequest.extend(inOrganization),
  response: page(member),
  errors: tenantErrors,
});

const ofMember = { ...inOrganization, userId: uuid.describe("The id of the member's user.") };

/** Members can't assign or take away a role with permissions that they don't have. */
export const changeMemberRole = defineRpc('auth', 'changeMemberRole', {
  http: {
    id: 'members.update',
    patch: '/organizations/:organizationId/members/:userId',
    summary: "Change a member's role",
    description: "Neither the old nor the new role can have permissions that you don't have.",
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:manage',
  request: z.strictObject({ ...ofMember, role: roleReference }),
  response: member,
  errors: [...tenantErrors, 'last_owner'],
});

export const removeMember = defineRpc('auth', 'removeMember', {
  http: {
    id: 'members.remove',
    delete: '/organizations/:organizationId/members/:userId',
    summary: 'Remove a member',
    description: "You can't remove a member whose role has permissions that you don't have.",
  },
  access: 'user',
  scope: 'organizations:write',
  permission: 'members:manage',
  request: z.strictObject(ofMember),
  response: z.null(),
  errors: [...tenantErrors, 'last_owner'],
});

/** Every member can leave, except the only owner. */
export const leaveOrganization = defineRpc('auth', 'leaveOrganization', {
  http: {
    id: 'members.leave',
    delete: '/organizations/:organizationId/members/me',
    summary: 'Leave an organization',
    description: "The only owner can't leave. Make someone else an owner first, or delete the organization.",
  },
  access: 'user',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: [...tenantErrors, 'last_owner'],
});
