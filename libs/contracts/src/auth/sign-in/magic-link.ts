import { email } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from './email-verification';
import { accepted } from './registration';
import { signedIn } from './login';

/** At most ten (ASVS 5.0 6.5.5). The gateway's rate limit for links has a window of the same length. */
export const magicLinkMinutes = 10;

export const requestMagicLink = defineRpc('auth', 'requestMagicLink', {
  http: {
    id: 'magicLink.request',
    post: '/auth/magic-link',
    status: 202,
    limits: ['mailed-link', 'sign-in-link-account'],
    summary: 'Request a sign-in link',
    description: 'The response is the same whether or not the email address has an account.',
  },
  access: 'public',
  request: z.strictObject({ email }),
  response: accepted,
});

/** A sign-in link was requested. The email address may be unknown, which the response must not reveal. */
export const magicLinkRequested = defineEvent('magic_link.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});

export const signInWithMagicLink = defineRpc('auth', 'signInWithMagicLink', {
  http: {
    id: 'magicLink.verify',
    post: '/auth/magic-link/verify',
    limits: ['mailed-token'],
    summary: 'Sign in with a sign-in link',
    description: 'Takes the token from the emailed link.',
  },
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: signedIn,
  errors: ['token_invalid', 'token_expired', 'token_used', 'account_suspended'],
});
