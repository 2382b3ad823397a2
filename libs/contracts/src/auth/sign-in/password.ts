import { currentPassword, email, newPassword } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from './email-verification';
import { accepted } from './registration';

export const forgotPassword = defineRpc('auth', 'forgotPassword', {
  http: {
    id: 'password.forgot',
    post: '/auth/password/forgot',
    status: 202,
    limits: ['mailed-link', 'mailed-link-account'],
    summary: 'Request a password reset',
    description: 'The response is the same whether or not the email address has an account.',
  },
  access: 'public',
  request: z.strictObject({ email }),
  response: accepted,
});

/** A password reset link was requested. The email address may be unknown, which the response must not reveal. */
export const passwordResetRequested = defineEvent('password_reset.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});

export const resetPassword = defineRpc('auth', 'resetPassword', {
  http: {
    id: 'password.reset',
    post: '/auth/password/reset',
    limits: ['mailed-token'],
    summary: 'Reset a password',
    description: 'Takes the token from the password reset email. Revokes every session of the account.',
  },
  access: 'public',
  request: z.strictObject({ token: oneTimeToken, password: newPassword }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used'],
});

export const changePassword = defineRpc('auth', 'changePassword', {
  http: {
    id: 'password.change',
    post: '/auth/password/change',
    limits: ['sensitive'],
    summary: 'Change your password',
    description: 'Revokes your other sessions.',
  },
  access: 'recent',
  request: z.strictObject({ currentPassword, newPassword }),
  response: z.null(),
  errors: ['invalid_credentials', 'too_many_attempts', 'password_not_set'],
});
