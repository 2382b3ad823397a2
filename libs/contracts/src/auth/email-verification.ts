import { email } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { session } from './session';

export const oneTimeToken = z.string().min(1).max(256);

export const verifyEmail = defineRpc('auth', 'verifyEmail', {
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: session,
  errors: ['token_invalid', 'token_expired', 'token_used'],
});

export const resendVerification = defineRpc('auth', 'resendVerification', {
  access: 'public',
  request: z.strictObject({ email }),
  response: z.strictObject({ status: z.literal('verification_sent') }),
});
