import type { ErrorDescription } from './error-description';

/** The part of the error catalogue with the status 409: the request is right, but something stands in its way. */
export const conflictCatalogue = {
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this key is still running',
    detail:
      'Another request with the same Idempotency-Key has not finished. Wait as long as Retry-After says, then send it again.',
  },
  email_taken: {
    status: 409,
    title: 'The address belongs to another account',
    detail: 'The address was taken by another account meanwhile. Choose another address, or sign in to that account.',
  },
  mfa_already_enabled: {
    status: 409,
    title: 'Two-factor sign-in is on already',
    detail: 'An authenticator app is set up already. Turn it off first to set up another one.',
  },
  mfa_not_enabled: {
    status: 409,
    title: 'Two-factor sign-in is not on',
    detail: 'There is no authenticator app to do this with. Set one up first.',
  },
  password_not_set: {
    status: 409,
    title: 'The account has no password',
    detail: 'There is no password to check or change. Set one by the link of a password reset.',
  },
  last_sign_in_method: {
    status: 409,
    title: 'It is the last way to sign in',
    detail:
      'Without it nobody could sign in to the account any more. Add a password, a passkey or another provider first.',
  },
  oauth_link_required: {
    status: 409,
    title: 'An account with this address exists already',
    detail:
      'The provider is not linked to that account, and the address alone does not prove whose it is. Sign in to the account, then link the provider.',
  },
  identity_taken: {
    status: 409,
    title: 'The provider is linked to another account',
    detail: 'This identity at the provider belongs to another account here. Unlink it there first.',
  },
  limit_reached: {
    status: 409,
    title: 'There are too many of them',
    detail: 'The account has as many of these as it may have. Remove one that is not needed, then try again.',
  },
  last_owner: {
    status: 409,
    title: 'The organization needs an owner',
    detail:
      'The only owner cannot leave, be removed or get another role. Make somebody else an owner first, or delete the organization.',
  },
  already_member: {
    status: 409,
    title: 'The person is a member already',
    detail: 'The address belongs to a member of the organization. Change the role in the list of members instead.',
  },
  invitation_pending: {
    status: 409,
    title: 'The address is invited already',
    detail: 'There is an open invitation for the address. Send that one again, or revoke it first.',
  },
  seat_limit_reached: {
    status: 409,
    title: 'All seats are taken',
    detail:
      'Members and open invitations together take all seats that the plan has. Remove one, revoke an invitation, or change the plan.',
  },
  transfer_pending: {
    status: 409,
    title: 'The organization is being offered already',
    detail: 'There is an open offer to transfer the ownership. Withdraw it first to make another one.',
  },
  role_in_use: {
    status: 409,
    title: 'The role is in use',
    detail: 'Members or open invitations have the role. Give them another one first.',
  },
} as const satisfies Record<string, ErrorDescription>;
