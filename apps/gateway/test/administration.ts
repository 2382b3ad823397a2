import {
  dropDeadLetter,
  impersonateUser,
  inspectDeadLetter,
  inspectUser,
  listDeadLetters,
  listPlatformAudit,
  reinstateOrganization,
  reinstateUser,
  replayDeadLetter,
  searchOrganizations,
  searchUsers,
  signUserOut,
  suspendOrganization,
  suspendUser,
  type AdminOrganization,
  type AdminUser,
  type AdminUserDetails,
  type DeadLetterView,
  type Session,
} from '#libs/contracts';

export const administrationContracts = {
  searchUsers,
  inspectUser,
  suspendUser,
  reinstateUser,
  signUserOut,
  impersonateUser,
  searchOrganizations,
  suspendOrganization,
  reinstateOrganization,
  listPlatformAudit,
  listDeadLetters,
  inspectDeadLetter,
  replayDeadLetter,
  dropDeadLetter,
};

export function adminUserWith(overrides: Partial<AdminUser> = {}): AdminUser {
  return {
    id: '01890a5d-ac96-774b-bcce-b302099a8061',
    email: 'grace@example.com',
    emailVerified: true,
    name: 'Grace Hopper',
    locale: 'en',
    mfaEnabled: false,
    staffRole: null,
    createdAt: '2026-01-01T00:00:00.000Z',
    suspendedAt: null,
    ...overrides,
  };
}

const details = async ({ id }: { readonly id: string }): Promise<AdminUserDetails> => ({
  ...adminUserWith({ id }),
  suspensionReason: null,
  hasPassword: true,
  passkeys: 0,
  identities: [],
  openSessions: 1,
  lastSeenAt: null,
  apiKeys: 0,
});

const organization = async ({ organizationId }: { readonly organizationId: string }): Promise<AdminOrganization> => ({
  id: organizationId,
  name: 'Acme',
  slug: 'acme',
  members: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  suspendedAt: null,
  deleteAfter: null,
});

const deadLetter: DeadLetterView = {
  id: '01890a5d-ac96-774b-bcce-b302099a8071',
  service: 'notification',
  name: 'mail.send',
  queue: 'notification-jobs',
  producer: 'notification',
  requestId: null,
  reason: 'Out of reach',
  attempts: 20,
  failedAt: '2026-01-01T00:00:00.000Z',
};

/** The administration part of an auth service that allows everything. */
export const agreeableAdministration = (session: () => Promise<Session>) => ({
  searchUsers: async () => ({ data: [adminUserWith()], nextCursor: null }),
  inspectUser: details,
  suspendUser: details,
  reinstateUser: details,
  signUserOut: async () => null,
  impersonateUser: session,
  searchOrganizations: async () => ({ data: [], nextCursor: null }),
  suspendOrganization: organization,
  reinstateOrganization: organization,
  listPlatformAudit: async () => ({ data: [], nextCursor: null }),
  listDeadLetters: async () => ({ data: [deadLetter], nextCursor: null }),
  inspectDeadLetter: async () => ({ ...deadLetter, payload: null }),
  replayDeadLetter: async () => null,
  dropDeadLetter: async () => null,
});
