/** Clocks of issuers and ours differ a little. */
export const clockToleranceSeconds = 30;

/** Of a sign-in whose time nobody proves: it is never recent. */
const unknown = new Date(0);

/** The age of a sign-in at an issuer is what its `auth_time` proves, in seconds since 1970 (OpenID Connect Core section 2). */
export function signInTimeOf(authTime: number | null, now = Date.now()): Date {
  if (authTime === null || authTime * 1_000 > now + clockToleranceSeconds * 1_000) return unknown;
  return new Date(Math.min(authTime * 1_000, now));
}

/**
 * Whether a person signed in at the issuer after we asked for it. An issuer that ignores `prompt=login` and `max_age=0` leaves
 * `auth_time` out or gives that of an earlier sign-in.
 * @param since in ms since 1970
 */
export function provesSignInSince(authTime: number | null, since: number, now = Date.now()): boolean {
  return signInTimeOf(authTime, now).getTime() >= since - clockToleranceSeconds * 1_000;
}
