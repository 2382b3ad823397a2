import { currentPassword, email, newPassword } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';
import { defineRpc } from '../rpc';
import { oneTimeToken } from './email-verification';
import { accepted } from './registration';

export const forgotPassword = defineRpc('auth', 'forgotPassword', {
  access: 'public',
  request: z.strictObject({ email }),
  response: accepted,
});

/** Somebody asked for a reset link; the address may be unknown, which the answer must not tell. */
export const passwordResetRequested = defineEvent('password_reset.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ email }),
  confidential: true,
});

export const resetPassword = defineRpc('auth', 'resetPassword', {
  access: 'public',
  request: z.strictObject({ token: oneTimeToken, password: newPassword }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used'],
});

export const changePassword = defineRpc('auth', 'changePassword', {
  access: 'recent',
  request: z.strictObject({ currentPassword, newPassword }),
  response: z.null(),
  errors: ['invalid_credentials', 'too_many_attempts', 'password_not_set'],
});
