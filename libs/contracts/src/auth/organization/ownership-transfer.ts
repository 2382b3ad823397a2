import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { inOrganization, organization } from './organization';
import { tenantErrors } from './permission';

/** An open offer. When the recipient accepts it, they become an owner, and the sender becomes an admin. */
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

/** Offers ownership to another member. Only one offer can be open at a time. */
export const offerOwnership = defineRpc('auth', 'offerOwnership', {
  http: {
    id: 'ownershipTransfers.create',
    post: '/organizations/:organizationId/transfer',
    status: 201,
    limits: ['sensitive'],
    summary: 'Offer ownership to another member',
    description:
      'The offer expires after seven days. When the member accepts, they become an owner and you become an admin.',
  },
  access: 'recent',
  permission: 'organization:transfer',
  request: z.strictObject({ ...inOrganization, userId: uuid }),
  response: ownershipTransfer,
  errors: [...tenantErrors, 'transfer_pending'],
});

export const getOwnershipTransfer = defineRpc('auth', 'getOwnershipTransfer', {
  http: {
    id: 'ownershipTransfers.get',
    get: '/organizations/:organizationId/transfer',
    summary: 'Get the open ownership offer',
    description: 'Returns 404 when there is no open offer.',
  },
  access: 'user',
  effect: 'read',
  scope: 'organizations:read',
  permission: 'organization:read',
  request: z.strictObject(inOrganization),
  response: ownershipTransfer,
  errors: tenantErrors,
});

/** Only for the recipient of the offer, with any role. Returns the organization that they now own. */
export const acceptOwnership = defineRpc('auth', 'acceptOwnership', {
  http: {
    id: 'ownershipTransfers.accept',
    post: '/organizations/:organizationId/transfer/accept',
    limits: ['sensitive'],
    summary: 'Accept ownership',
    description: 'Makes you an owner. The member who made the offer becomes an admin.',
  },
  access: 'recent',
  request: z.strictObject(inOrganization),
  response: organization,
  errors: tenantErrors,
});

export const declineOwnership = defineRpc('auth', 'declineOwnership', {
  http: {
    id: 'ownershipTransfers.decline',
    post: '/organizations/:organizationId/transfer/decline',
    summary: 'Decline ownership',
    description: 'Closes the offer that was made to you.',
  },
  access: 'user',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: tenantErrors,
});

export const withdrawOwnership = defineRpc('auth', 'withdrawOwnership', {
  http: {
    id: 'ownershipTransfers.withdraw',
    delete: '/organizations/:organizationId/transfer',
    summary: 'Withdraw an ownership offer',
    description: "Closes the open offer. Nobody's role changes.",
  },
  access: 'user',
  permission: 'organization:transfer',
  request: z.strictObject(inOrganization),
  response: z.null(),
  errors: tenantErrors,
});
