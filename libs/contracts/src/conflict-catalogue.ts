import type { ErrorDescription } from './error-description';

/** The errors with status 409: the request is valid, but the current state doesn't allow it. */
export const conflictCatalogue = {
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this key is still running',
    detail:
      'Another request with the same Idempotency-Key has not finished. Wait for the time in Retry-After, then send the request again.',
  },
  email_taken: {
    status: 409,
    title: 'The email address belongs to another account',
    detail: 'Another account uses this email address. Choose another one, or sign in to that account.',
  },
  mfa_already_enabled: {
    status: 409,
    title: 'Two-factor authentication is already on',
    detail: 'An authenticator app is already set up. Turn off two-factor authentication before you set up another app.',
  },
  mfa_not_enabled: {
    status: 409,
    title: 'Two-factor authentication is off',
    detail: 'The account has no authenticator app. Set one up first.',
  },
  password_not_set: {
    status: 409,
    title: 'The account has no password',
    detail: 'There is no password to check or change. Request a password reset to set one.',
  },
  last_sign_in_method: {
    status: 409,
    title: 'This is the last way to sign in',
    detail:
      'Without it, you could no longer sign in to the account. Add a password, a passkey, or another provider first.',
  },
  oauth_link_required: {
    status: 409,
    title: 'An account with this email address already exists',
    detail:
      'The provider is not linked to that account, and the email address alone is not enough to sign in. Sign in to the account, then link the provider.',
  },
  identity_taken: {
    status: 409,
    title: 'The provider account is linked to another account',
    detail: 'This account at the provider is linked to another account here. Unlink it there first.',
  },
  limit_reached: {
    status: 409,
    title: 'The limit is reached',
    detail: 'The account has as many of these as it can have. Delete one that you no longer need, then try again.',
  },
  last_owner: {
    status: 409,
    title: 'The organization needs an owner',
    detail:
      'The only owner cannot leave, be removed, or get another role. Make another member an owner first, or delete the organization.',
  },
  already_member: {
    status: 409,
    title: 'The user is already a member',
    detail:
      'This email address belongs to a member of the organization. To change their role, use the list of members.',
  },
  invitation_pending: {
    status: 409,
    title: 'The email address is already invited',
    detail: 'There is a pending invitation for this email address. Resend it, or revoke it first.',
  },
  seat_limit_reached: {
    status: 409,
    title: 'All seats are taken',
    detail:
      'Members and pending invitations use all seats of the plan. Remove a member, revoke an invitation, or upgrade the plan.',
  },
  transfer_pending: {
    status: 409,
    title: 'An ownership transfer is already pending',
    detail: 'The ownership of the organization has already been offered to a member. Withdraw that offer first.',
  },
  role_in_use: {
    status: 409,
    title: 'The role is in use',
    detail: 'Members or pending invitations have this role. Assign them another role first.',
  },
} as const satisfies Record<string, ErrorDescription>;
