import { list } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from './email-verification';
import { recoveryCode, totpCode } from './mfa';
import { accessTokenResponse } from './reauthentication';
import { session } from '../session/session';

/**
 * Each covers the timeouts of all calls to the issuer in that step (discovery, code, keys, claims) and
 * some time for our own work.
 */
const beginTimeoutMs = 8_000;
const finishTimeoutMs = 25_000;

/** Any unknown id fails with `not_found`, whatever its format. */
export const oauthProviderId = z.string().min(1).max(256);

export const oauthProvider = z.strictObject({ id: z.string(), name: z.string() }).meta({ id: 'OauthProvider' });

/**
 * A path of this site that the browser returns to. Browsers treat `//host` and `/\host` as other hosts and
 * drop tabs and line ends first (WHATWG URL Standard; OWASP Unvalidated Redirects and Forwards Cheat
 * Sheet).
 */
export const returnPath = z
  .string()
  .max(512)
  .regex(/^(?!.*\/\/)\/[^\\\p{Cc}\p{Cs}]*$/su, { error: 'A path of this site, beginning with one slash.' })
  .meta({ examples: ['/settings'] });

export const listOauthProviders = defineRpc('auth', 'listOauthProviders', {
  http: {
    id: 'oauth.providers',
    get: '/auth/oauth/providers',
    summary: 'List sign-in providers',
    description: 'Returns the providers that users can sign in with.',
  },
  access: 'public',
  request: z.strictObject({}),
  response: list(oauthProvider),
});

/**
 * The URL to open in the browser, and the secret that the browser must send back together with the
 * issuer's parameters.
 */
export const oauthStart = z.strictObject({ url: z.url(), browserSecret: z.string() });

export const beginOauth = defineRpc('auth', 'beginOauth', {
  access: 'public',
  request: z.strictObject({ provider: oauthProviderId, returnTo: returnPath.default('/') }),
  response: oauthStart,
  errors: ['not_found', 'oauth_failed'],
  timeoutMs: beginTimeoutMs,
});

/**
 * Starts step-up authentication at a linked provider. finishOauth completes it. Needs a code or recovery
 * code if two-factor authentication is on.
 * `cookies`: whether the browser keeps the session's access token in a cookie.
 */
export const beginOauthReauthentication = defineRpc('auth', 'beginOauthReauthentication', {
  http: {
    id: 'reauthentication.provider',
    post: '/auth/reauthenticate/oauth',
    limits: ['sensitive'],
    summary: 'Re-authenticate at a linked provider',
    description:
      'Open `url` in the same browser: the callback checks the cookie set by this response. Send `code` or `recoveryCode` if ' +
      'two-factor authentication is on. The browser comes back to `returnTo` with a new access cookie, or to /problems/ and an ' +
      'error code. A client without cookies then refreshes its session to get a recent access token.',
  },
  access: 'user',
  effect: 'personal',
  request: z.strictObject({
    provider: oauthProviderId,
    returnTo: returnPath.default('/'),
    code: totpCode.exactOptional(),
    recoveryCode: recoveryCode.exactOptional(),
    cookies: z.boolean(),
  }),
  response: oauthStart,
  errors: ['not_found', 'identity_not_linked', 'oauth_failed', 'invalid_code', 'too_many_attempts'],
  timeoutMs: beginTimeoutMs,
});

/** The parameters of the issuer's redirect (RFC 6749 section 4.1.2, RFC 9207) and the browser's secret. */
export const finishOauth = defineRpc('auth', 'finishOauth', {
  access: 'public',
  request: z.strictObject({
    provider: oauthProviderId,
    browserSecret: z.string().min(1).max(256),
    state: z.string().min(1).max(256),
    code: z.string().max(4_096).exactOptional(),
    iss: z.string().max(2_048).exactOptional(),
    error: z.string().max(256).exactOptional(),
  }),
  response: z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('signed_in'), returnTo: returnPath, session }),
    z.strictObject({ outcome: z.literal('mfa_required'), mfaToken: oneTimeToken }),
    z.strictObject({ outcome: z.literal('linked'), returnTo: returnPath }),
    // Null for a client without cookies. Its next refresh returns a recent access token.
    z.strictObject({
      outcome: z.literal('reauthenticated'),
      returnTo: returnPath,
      token: accessTokenResponse.nullable(),
    }),
  ]),
  errors: [
    'not_found',
    'oauth_failed',
    'oauth_email_unusable',
    'oauth_email_not_verified',
    'oauth_sign_in_not_recent',
    'oauth_link_required',
    'identity_not_linked',
    'identity_taken',
    'limit_reached',
    'account_suspended',
  ],
  timeoutMs: finishTimeoutMs,
});
