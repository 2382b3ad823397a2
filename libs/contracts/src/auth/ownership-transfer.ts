import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { inOrganization, organization } from './organization';
import { tenantErrors } from './permission';

/** An open offer: whom it is made to becomes an owner by accepting it, and whoever made it an admin. */
export const ownershipTransfer = z
  .strictObject({
    fromUserId: uuid,
    toUserId: uuid,
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .meta({ id: 'OwnershipTransfer' });
export type OwnershipTransfer = z.output<typeof ownershipTransfer>;

export const transferDays = 7;

/** To another member. One at a time. */
export const offerOwnership = defineRpc('auth', 'offerOwnership', {
  access: 'recent',
  permission: 'organization:transfer',
  request: z.strictObject({ ...inOrganization, userId: uuid }),
  response: ownershipTransfer,
  errors: [...tenantErrors, 'transfer_pending'],
});

export const getOwnershipTransfer = defineRpc('auth', 'getOwnershipTransfer', {
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'organization:read',
  request: z.strictObject(inOrganization),
  response: ownershipTransfer,
  errors: tenantErrors,
});

/** By whom it was made to, whatever their role. Answers with the organization that is theirs now. */
export const acceptOwnership = defineRpc('auth', 'acceptOwnership', {
  access: 'recent',
  request: z.strictObject(inOrganization),
  response: organization,
  errors: tenantErrors,
});

export const declineOwnership = defineRpc('auth', 'declineOwnership', {
  access: 'user',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: tenantErrors,
});

export const withdrawOwnership = defineRpc('auth', 'withdrawOwnership', {
  access: 'user',
  permission: 'organization:transfer',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: tenantErrors,
});
