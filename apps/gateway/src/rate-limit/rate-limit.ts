import { magicLinkMinutes, type RateLimitName } from '#libs/contracts';
import { SetMetadata } from '@nestjs/common';

interface RateLimitPolicy {
  /** Requests per window, times RATE_LIMIT_FACTOR. */
  readonly limit: number;
  readonly windowSeconds: number;
  /**
   * `client`: the signed-in user, or else the IP address (IPv6: its /64 network).
   * `account`: the email address in the body, from any client, so that many IP addresses guess no faster
   * than one. A device that has signed in to the account before has its own window, which strangers can't
   * fill.
   */
  readonly per: 'client' | 'account';
}

/**
 * In production. A named policy also closes the route while Redis is down, because an attacker who stops
 * Redis must not be able to guess freely.
 */
export const rateLimits = {
  default: { limit: 600, windowSeconds: 60, per: 'client' },
  login: { limit: 20, windowSeconds: 60, per: 'client' },
  'login-account': { limit: 30, windowSeconds: 900, per: 'account' },
  // A page can request a challenge each time it shows its sign-in form.
  'passkey-options': { limit: 60, windowSeconds: 60, per: 'client' },
  refresh: { limit: 60, windowSeconds: 60, per: 'client' },
  registration: { limit: 10, windowSeconds: 600, per: 'client' },
  'registration-account': { limit: 5, windowSeconds: 3600, per: 'account' },
  'mailed-token': { limit: 30, windowSeconds: 600, per: 'client' },
  'mailed-link': { limit: 10, windowSeconds: 600, per: 'client' },
  // No window is longer than the lifetime of its link. If strangers fill it, the mailbox still has a link
  // that works.
  'mailed-link-account': { limit: 5, windowSeconds: 1800, per: 'account' },
  'sign-in-link-account': { limit: 3, windowSeconds: magicLinkMinutes * 60, per: 'account' },
  // Emails to strangers. Auth also limits how many one organization sends, and one email address gets, per
  // day.
  invitation: { limit: 60, windowSeconds: 3600, per: 'client' },
  'invitation-batch': { limit: 10, windowSeconds: 3600, per: 'client' },
  picture: { limit: 20, windowSeconds: 600, per: 'client' },
  sensitive: { limit: 30, windowSeconds: 600, per: 'client' },
} as const satisfies Record<RateLimitName | 'default', RateLimitPolicy>;

export const routeRateLimits = 'rate-limits';

/** Counts the route by these policies instead of `default`. */
export const RateLimit = (...names: RateLimitName[]) => SetMetadata(routeRateLimits, names);
