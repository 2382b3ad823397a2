import { email } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { verificationSent } from './registration';
import { session } from '../session/session';

export const oneTimeToken = z.string().min(1).max(256);

export const verifyEmail = defineRpc('auth', 'verifyEmail', {
  http: {
    id: 'emailVerification.verify',
    post: '/auth/verify-email',
    limits: ['mailed-token'],
    summary: 'Verify an email address',
    description: 'Takes the token from the verification email and signs the user in.',
  },
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: session,
  errors: ['token_invalid', 'token_expired', 'token_used', 'account_suspended'],
});

export const resendVerification = defineRpc('auth', 'resendVerification', {
  http: {
    id: 'emailVerification.resend',
    post: '/auth/verify-email/resend',
    status: 202,
    limits: ['mailed-link', 'mailed-link-account'],
    summary: 'Resend the verification email',
    description: 'The response is the same whether or not the email address has an account that needs verification.',
  },
  access: 'public',
  request: z.strictObject({ email }),
  response: verificationSent,
});

/**
 * A new verification email was requested. The email address may be unknown or verified, which the response
 * must not reveal.
 */
export const verificationRequested = defineEvent('email_verification.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});
