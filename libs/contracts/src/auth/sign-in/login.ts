import { currentPassword, email } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { session } from '../session/session';
import { passkeyRequestOptions } from './webauthn';

export const mfaMethod = z.enum(['totp', 'recovery_code', 'passkey']).meta({ id: 'MfaMethod' });
export type MfaMethod = z.output<typeof mfaMethod>;

/**
 * The first factor was correct and a second one is needed. `mfaToken` works only for POST /auth/mfa, for
 * five minutes.
 * `passkeyOptions`, set if a passkey can be the second factor, is the JSON for
 * `navigator.credentials.get({ publicKey })`.
 */
export const mfaRequired = z
  .strictObject({
    type: z.literal('mfa_required'),
    mfaRequired: z.literal(true),
    mfaToken: z.string(),
    methods: z.array(mfaMethod),
    passkeyOptions: passkeyRequestOptions.exactOptional(),
  })
  .meta({ id: 'MfaRequired' });
export type MfaRequired = z.output<typeof mfaRequired>;

/** The result of every sign-in method. */
export const signedIn = z.discriminatedUnion('type', [session, mfaRequired]);
export type SignedIn = z.output<typeof signedIn>;

export const login = defineRpc('auth', 'login', {
  http: {
    id: 'session.login',
    post: '/auth/login',
    limits: ['login', 'login-account'],
    summary: 'Sign in',
    description:
      'If two-factor authentication is on, the response is a token for `POST /auth/mfa` instead of a session.',
  },
  access: 'public',
  request: z.strictObject({ email, password: currentPassword }),
  response: signedIn,
  errors: ['invalid_credentials', 'email_not_verified', 'too_many_attempts', 'account_suspended'],
});

/**
 * Sign-in to an email address was locked after many failed attempts. The address may be unknown, which no
 * response must reveal.
 */
export const signInPaused = defineEvent('sign_in.paused', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});
