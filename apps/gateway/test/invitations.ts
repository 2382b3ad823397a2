import {
  acceptInvitation,
  createInvitation,
  createInvitations,
  declineInvitation,
  listInvitations,
  lookAtInvitation,
  registerByInvitation,
  resendInvitation,
  revokeInvitation,
  type Invitation,
  type RequestOf,
} from '#libs/contracts';
import { organizationWith } from './organizations';
import { testUserId } from './tokens';

export const testInvitationId = '01890a5d-ac96-774b-bcce-b302099a8090';

export function invitationWith(overrides: Partial<Invitation> = {}): Invitation {
  return {
    id: testInvitationId,
    email: 'grace@example.com',
    role: 'member',
    roleName: 'member',
    state: 'pending',
    invitedBy: { userId: testUserId, name: 'Ada Lovelace' },
    createdAt: '2026-01-01T00:00:00.000Z',
    sentAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-08T00:00:00.000Z',
    ...overrides,
  };
}

export const invitationContracts = {
  listInvitations,
  createInvitation,
  createInvitations,
  revokeInvitation,
  resendInvitation,
  lookAtInvitation,
  acceptInvitation,
  declineInvitation,
  registerByInvitation,
} as const;

const nothing = async () => null;

/** The invitation part of an auth service that allows everything, except for signing up with one. */
export const agreeableInvitations = {
  listInvitations: async () => ({ data: [invitationWith()], nextCursor: null }),
  createInvitation: async ({ email, role }: RequestOf<typeof createInvitation>) => invitationWith({ email, role }),
  createInvitations: async ({ invitations }: RequestOf<typeof createInvitations>) => ({
    data: invitations.map((invitation) => ({
      email: invitation.email,
      invitation: invitationWith(invitation),
      refusal: null,
    })),
  }),
  revokeInvitation: nothing,
  resendInvitation: async ({ invitationId }: RequestOf<typeof resendInvitation>) =>
    invitationWith({ id: invitationId }),
  lookAtInvitation: async () => ({
    organizationName: 'Acme',
    invitedBy: 'Ada Lovelace',
    email: 'grace@example.com',
    roleName: 'member',
    expiresAt: '2026-01-08T00:00:00.000Z',
  }),
  acceptInvitation: async () => organizationWith({ role: 'member', roleName: 'member' }),
  declineInvitation: nothing,
};
