/** Clocks of issuers differ a little from ours. */
export const clockToleranceSeconds = 30;

/** For a sign-in without a proved time, so that it is never recent. */
const unknown = new Date(0);

/**
 * The age of a sign-in at an issuer is what its `auth_time` proves, in seconds since 1970 (OpenID Connect Core
 * section 2).
 */
export function signInTimeOf(authTime: number | null, now = Date.now()): Date {
  if (authTime === null || authTime * 1_000 > now + clockToleranceSeconds * 1_000) return unknown;
  return new Date(Math.min(authTime * 1_000, now));
}

/**
 * Returns true if the user signed in at the issuer after `since`. An issuer that ignores `prompt=login` and
 * `max_age=0` sends no `auth_time` or an old one.
 * @param since in ms since 1970
 */
export function provesSignInSince(authTime: number | null, since: number, now = Date.now()): boolean {
  return signInTimeOf(authTime, now).getTime() >= since - clockToleranceSeconds * 1_000;
}
