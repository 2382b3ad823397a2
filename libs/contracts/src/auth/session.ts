import { currentPassword, email } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';
import { defineRpc } from '../rpc';
import { user } from './user';

/** Seconds that a refresh token lives unless it is rotated: also the idle life of a session. */
export const refreshTokenSeconds = 7 * 24 * 3600;

/** A fresh session. `expiresIn` is the access token's life in seconds. */
export const session = z
  .strictObject({
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int(),
    refreshToken: z.string(),
    user,
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof session>;

export const login = defineRpc('auth', 'login', {
  access: 'public',
  request: z.strictObject({ email, password: currentPassword }),
  response: session,
  errors: ['invalid_credentials', 'email_not_verified'],
});

export const refreshToken = z.string().min(1).max(256);

export const refresh = defineRpc('auth', 'refresh', {
  access: 'public',
  request: z.strictObject({ refreshToken }),
  response: session,
  errors: ['refresh_token_invalid', 'refresh_token_reused'],
});

export const logout = defineRpc('auth', 'logout', {
  access: 'user',
  request: z.strictObject({}),
  response: z.null(),
});

/** The public halves of the keys that sign access tokens, as a JWK set (RFC 7517, RFC 8037). */
export const getSigningKeys = defineRpc('auth', 'getSigningKeys', {
  access: 'public',
  request: z.strictObject({}),
  response: z.strictObject({
    keys: z.array(
      z.strictObject({
        kid: z.string(),
        kty: z.literal('OKP'),
        crv: z.literal('Ed25519'),
        alg: z.literal('EdDSA'),
        use: z.literal('sig'),
        x: z.string(),
      }),
    ),
  }),
});

/** A session has ended before its access tokens do: whoever verifies those locally must refuse them until `accessTokensExpireAt`. */
export const sessionRevoked = defineEvent('session.revoked', {
  subscribers: ['gateway'],
  payload: z.strictObject({ sessionId: z.uuid(), accessTokensExpireAt: z.iso.datetime() }),
  confidential: false,
});
