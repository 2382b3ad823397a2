import { z } from 'zod';

/**
 * What auth signs and every verifier insists on: a JWT in compact form with exactly this `alg` and `typ` (RFC 9068 section 2.1),
 * its `kid` among getSigningKeys. It cannot be taken back by itself: `sessionRevoked` ends its session before it expires.
 */
export const accessToken = {
  algorithm: 'EdDSA',
  type: 'at+jwt',
  audience: 'groundwork',
  /** Its life in seconds. */
  seconds: 600,
} as const;

/** The `iss` claim: the origin of PUBLIC_URL, without a trailing slash. */
export function accessTokenIssuer(publicUrl: string): string {
  return new URL(publicUrl).origin;
}

/** `sub` is the user, `sid` the session, `org` the organisation acted for. Times are seconds since 1970 (RFC 7519 section 2). */
export const accessTokenClaims = z.strictObject({
  iss: z.string(),
  aud: z.literal(accessToken.audience),
  sub: z.uuid(),
  sid: z.uuid(),
  roles: z.array(z.string().max(64)).max(32),
  org: z.uuid().optional(),
  iat: z.int(),
  exp: z.int(),
});
export type AccessTokenClaims = z.output<typeof accessTokenClaims>;
