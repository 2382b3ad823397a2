import {
  impersonateUser,
  inspectUser,
  reinstateUser,
  searchUsers,
  signUserOut,
  suspendUser,
  type AdminUser,
  type AdminUserDetails,
  type Session,
} from '#libs/contracts';

export const administrationContracts = {
  searchUsers,
  inspectUser,
  suspendUser,
  reinstateUser,
  signUserOut,
  impersonateUser,
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

/** The part of an agreeable auth that is about administration. */
export const agreeableAdministration = (session: () => Promise<Session>) => ({
  searchUsers: async () => ({ data: [adminUserWith()], nextCursor: null }),
  inspectUser: details,
  suspendUser: details,
  reinstateUser: details,
  signUserOut: async () => null,
  impersonateUser: session,
});
