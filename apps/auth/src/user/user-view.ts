import type { User as UserView } from '#libs/contracts';
import type { Account } from './users';

/** What the person themselves may see of the account: the answer named User in the API. */
export function userView(user: Account): UserView {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    name: user.name,
    avatarUrl: user.avatarUrl,
    locale: user.locale,
    mfaEnabled: user.mfaEnabledAt !== null,
    createdAt: user.createdAt.toISOString(),
  };
}
