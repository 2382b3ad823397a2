import { magicLinkMinutes, type RateLimitName } from '#libs/contracts';
import { SetMetadata } from '@nestjs/common';

interface RateLimitPolicy {
  /** Requests per window, times RATE_LIMIT_FACTOR. */
  readonly limit: number;
  readonly windowSeconds: number;
  /**
   * `client`: the signed-in user, else the address (IPv6: its /64 network).
   * `account`: whom the body names, whoever sends it, so that many addresses guess no faster than one. A device that has signed in to
   * the account before has a window of its own, which strangers cannot fill.
   */
  readonly per: 'client' | 'account';
}

/** In production. A policy of its own also closes the route while Redis is away: whoever could stop Redis must not guess freely. */
export const rateLimits = {
  default: { limit: 600, windowSeconds: 60, per: 'client' },
  login: { limit: 20, windowSeconds: 60, per: 'client' },
  'login-account': { limit: 30, windowSeconds: 900, per: 'account' },
  // A page may ask for a challenge each time that its sign-in form is shown.
  'passkey-options': { limit: 60, windowSeconds: 60, per: 'client' },
  refresh: { limit: 60, windowSeconds: 60, per: 'client' },
  registration: { limit: 10, windowSeconds: 600, per: 'client' },
  'registration-account': { limit: 5, windowSeconds: 3600, per: 'account' },
  'mailed-token': { limit: 30, windowSeconds: 600, per: 'client' },
  'mailed-link': { limit: 10, windowSeconds: 600, per: 'client' },
  // No window of these is longer than its link works: when strangers fill it, the mailbox holds a link that still works.
  'mailed-link-account': { limit: 5, windowSeconds: 1800, per: 'account' },
  'sign-in-link-account': { limit: 3, windowSeconds: magicLinkMinutes * 60, per: 'account' },
  // Mails to strangers; auth also bounds what one organization, and one address, is good for in a day.
  invitation: { limit: 60, windowSeconds: 3600, per: 'client' },
  'invitation-batch': { limit: 10, windowSeconds: 3600, per: 'client' },
  picture: { limit: 20, windowSeconds: 600, per: 'client' },
  sensitive: { limit: 30, windowSeconds: 600, per: 'client' },
} as const satisfies Record<RateLimitName | 'default', RateLimitPolicy>;

export const routeRateLimits = 'rate-limits';

/** Counts the route by these policies instead of `default`. */
export const RateLimit = (...names: RateLimitName[]) => SetMetadata(routeRateLimits, names);
