import { uuid } from '#libs/validation';
import { z } from 'zod';

/**
 * What auth signs and every verifier insists on: a JWT in compact form with exactly this `alg` and `typ` (RFC 9068 section 2.1), whose
 * `kid` is among getSigningKeys. It cannot be taken back by itself: `sessionRevoked` ends its session before it expires.
 */
export const accessTokenAlgorithm = 'EdDSA';
export const accessTokenType = 'at+jwt';
export const accessTokenAudience = 'groundwork';
/** An access token's life. */
export const accessTokenSeconds = 600;

/**
 * `iss` is PUBLIC_URL without a trailing slash, `sub` the user, `sid` the session, `org` the organization acted for,
 * `auth_time` when the person last proved who they are (OpenID Connect Core section 2). `act` is who of the staff acts as that
 * person (RFC 8693 section 4.1), `read_only` whether they may only look, which they may where it is missing.
 * Times are seconds since 1970 (RFC 7519 section 2). Claims that a newer auth adds are ignored.
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
