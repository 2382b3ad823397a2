import { currentPassword, email, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';
import { defineRpc } from '../rpc';
import { user } from './user';
import { passkeyRequestOptions } from './webauthn';

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

export const mfaMethod = z.enum(['totp', 'recovery_code', 'passkey']);
export type MfaMethod = z.output<typeof mfaMethod>;

/**
 * The first factor was right, and a second one is asked for: `mfaToken` is good for POST /auth/mfa only, for five minutes.
 * `passkeyOptions` are there when a passkey will do: what `navigator.credentials.get({ publicKey })` takes, in JSON.
 */
export const mfaRequired = z
  .strictObject({
    mfaRequired: z.literal(true),
    mfaToken: z.string(),
    methods: z.array(mfaMethod),
    passkeyOptions: passkeyRequestOptions.exactOptional(),
  })
  .meta({ id: 'MfaRequired' });
export type MfaRequired = z.output<typeof mfaRequired>;

/** What every way to sign in leads to. */
export const signedIn = z.union([session, mfaRequired]);
export type SignedIn = z.output<typeof signedIn>;

export const login = defineRpc('auth', 'login', {
  access: 'public',
  request: z.strictObject({ email, password: currentPassword }),
  response: signedIn,
  errors: ['invalid_credentials', 'email_not_verified', 'too_many_attempts', 'account_suspended'],
});

export const refreshToken = z.string().min(1).max(256);

export const refresh = defineRpc('auth', 'refresh', {
  access: 'public',
  request: z.strictObject({ refreshToken }),
  response: session,
  errors: ['refresh_token_invalid', 'refresh_token_reused', 'account_suspended'],
});

/**
 * Ends the session, even if its tokens have expired. Does nothing if it's unknown or has ended. The gateway has checked that the
 * session is the caller's, by less than a valid access token, so there is no actor.
 */
export const logout = defineRpc('auth', 'logout', {
  access: 'public',
  request: z
    .strictObject({ sessionId: uuid.optional(), refreshToken: refreshToken.optional() })
    .refine((named) => (named.sessionId ?? named.refreshToken) !== undefined),
  response: z.null(),
});

/** One of a person's open sessions. `device` is the browser and system by the user agent, null when that tells nothing. */
export const sessionSummary = z
  .strictObject({
    id: uuid,
    device: z.string().nullable(),
    ip: z.string(),
    createdAt: z.iso.datetime(),
    lastSeenAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    current: z.boolean(),
  })
  .meta({ id: 'SessionSummary' });

/** The open sessions, the one seen last first; a hundred at most. */
export const listSessions = defineRpc('auth', 'listSessions', {
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: z.strictObject({ data: z.array(sessionSummary) }),
});

/** Of recent sign-ins only: who has found an open session must not shut its owner out of all others. */
export const revokeSession = defineRpc('auth', 'revokeSession', {
  access: 'recent',
  request: z.strictObject({ id: uuid }),
  response: z.null(),
  errors: ['not_found'],
});

export const revokeOtherSessions = defineRpc('auth', 'revokeOtherSessions', {
  access: 'recent',
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
  payload: z.strictObject({ sessionId: uuid, accessTokensExpireAt: z.iso.datetime() }),
  confidential: false,
});

/** Like `sessionRevoked`, for many sessions at once: one event each would keep the gateways waiting. */
export const sessionsRevoked = defineEvent('session.many_revoked', {
  subscribers: ['gateway'],
  payload: z.strictObject({ sessionIds: z.array(uuid).min(1).max(1_000), accessTokensExpireAt: z.iso.datetime() }),
  confidential: false,
});

/** Signing in to an address is paused after many wrong attempts; the address may be unknown, which no answer must tell. */
export const signInPaused = defineEvent('sign_in.paused', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});
