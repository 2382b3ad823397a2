import { list, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { user } from '../account/user';

/** Lifetime of a refresh token that is not rotated, and so of an idle session. */
export const refreshTokenSeconds = 7 * 24 * 3600;

/** A new session. `expiresIn` is the access token's lifetime in seconds. */
export const session = z
  .strictObject({
    type: z.literal('session'),
    accessToken: z.string(),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int(),
    refreshToken: z.string(),
    user,
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof session>;

export const refreshToken = z.string().min(1).max(256);

export const refresh = defineRpc('auth', 'refresh', {
  http: {
    id: 'session.refresh',
    post: '/auth/refresh',
    limits: ['refresh'],
    summary: 'Refresh a session',
    description:
      'Exchanges the refresh token, from the body or the cookie, for a new session. The old refresh token stops working.',
  },
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
  http: {
    id: 'session.logout',
    post: '/auth/logout',
    summary: 'Sign out',
    description:
      'Ends the session of the access token, of the refresh token in the body, or of the cookies. The access token can have ' +
      'expired, and the session can have ended already. Always clears the cookies, which need the CSRF token if they name a session.',
  },
  access: 'public',
  request: z
    .strictObject({ sessionId: uuid.optional(), refreshToken: refreshToken.optional() })
    .refine((named) => (named.sessionId ?? named.refreshToken) !== undefined),
  response: z.null(),
});

/** One of the user's open sessions. `device` is the browser and system from the user agent, or null if unknown. */
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

/** The open sessions, most recently seen first. At most 100. */
export const listSessions = defineRpc('auth', 'listSessions', {
  http: {
    id: 'sessions.list',
    get: '/users/me/sessions',
    summary: 'List your sessions',
    description: 'Returns the devices you are signed in on, most recently seen first.',
  },
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: list(sessionSummary),
});

/** Needs a recent sign-in, so that nobody can use an unattended session to sign its owner out everywhere else. */
export const revokeSession = defineRpc('auth', 'revokeSession', {
  http: {
    id: 'sessions.revoke',
    delete: '/users/me/sessions/:id',
    summary: 'Sign out one of your sessions',
    description: 'The session stops working everywhere within a second.',
  },
  access: 'recent',
  request: z.strictObject({ id: uuid.describe('The id of the session.') }),
  response: z.null(),
  errors: ['not_found'],
});

export const revokeOtherSessions = defineRpc('auth', 'revokeOtherSessions', {
  http: {
    id: 'sessions.revokeOthers',
    delete: '/users/me/sessions',
    summary: 'Sign out all your other sessions',
    description: 'Only the session of this request stays open.',
  },
  access: 'recent',
  request: z.strictObject({}),
  response: z.null(),
});

/** The public keys that verify access tokens, as a JWK set (RFC 7517, RFC 8037). */
export const getSigningKeys = defineRpc('auth', 'getSigningKeys', {
  http: {
    id: 'wellKnown.jwks',
    get: '/.well-known/jwks.json',
    summary: 'Get the keys that verify access tokens',
    description: 'A JSON Web Key Set (RFC 7517).',
  },
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

/**
 * A session ended before its access tokens expire. Services that verify tokens locally must refuse them
 * until `accessTokensExpireAt`.
 */
export const sessionRevoked = defineEvent('session.revoked', {
  subscribers: ['gateway'],
  payload: z.strictObject({ sessionId: uuid, accessTokensExpireAt: z.iso.datetime() }),
  confidential: false,
});

/** Like `sessionRevoked`, for many sessions at once. One event per session would be too slow for the gateways. */
export const sessionsRevoked = defineEvent('session.many_revoked', {
  subscribers: ['gateway'],
  payload: z.strictObject({ sessionIds: z.array(uuid).min(1).max(1_000), accessTokensExpireAt: z.iso.datetime() }),
  confidential: false,
});
