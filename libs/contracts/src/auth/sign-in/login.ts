import { currentPassword, email } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { session } from '../session/session';
import { passkeyRequestOptions } from './webauthn';

export const mfaMethod = z.enum(['totp', 'recovery_code', 'passkey']).meta({ id: 'MfaMethod' });
export type MfaMethod = z.output<typeof mfaMethod>;

/**
 * The first factor was right, and a second one is asked for: `mfaToken` is good for POST /auth/mfa only, for five minutes.
 * `passkeyOptions` are there when a passkey will do: what `navigator.credentials.get({ publicKey })` takes, in JSON.
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

/** What every way to sign in leads to. */
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

/** Signing in to an address is paused after many wrong attempts; the address may be unknown, which no answer must tell. */
export const signInPaused = defineEvent('sign_in.paused', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});
