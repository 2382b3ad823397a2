import { uuid } from '#libs/validation';
import { z } from 'zod';

/**
 * Every verifier requires a compact JWT with exactly this `alg` and `typ` (RFC 9068 section 2.1) and a
 * `kid` from getSigningKeys.
 * A token can't be revoked itself: `sessionRevoked` ends its session before the token expires.
 */
export const accessTokenAlgorithm = 'EdDSA';
export const accessTokenType = 'at+jwt';
export const accessTokenAudience = 'groundwork';
/** Lifetime of an access token. */
export const accessTokenSeconds = 600;

/**
 * `iss`: PUBLIC_URL without a trailing slash. `sub`: user. `sid`: session. `org`: current organization.
 * `auth_time`: when the user last authenticated (OpenID Connect Core section 2).
 * `act`: the staff member who impersonates the user (RFC 8693 section 4.1).
 * `read_only`: whether impersonation is limited to reads, which is the default.
 * Times are seconds since 1970 (RFC 7519 section 2). Claims that a newer auth service adds are ignored.
 */
export const accessTokenClaims = z.object({
  iss: z.string(),
  aud: z.literal(accessTokenAudience),
  sub: uuid,
  sid: uuid,
  roles: z.array(z.string().max(64)).max(32),
  org: uuid.optional(),
  auth_time: z.int(),
  act: z.object({ sub: uuid }).optional(),
  read_only: z.boolean().optional(),
  iat: z.int(),
  exp: z.int(),
});
export type AccessTokenClaims = z.output<typeof accessTokenClaims>;
