import { displayName, email, locale, newPassword } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';

const verificationSent = z.strictObject({ status: z.literal('verification_sent') });

export const register = defineRpc('auth', 'register', {
  access: 'public',
  request: z.strictObject({ email, password: newPassword, name: displayName, locale: locale.optional() }),
  response: verificationSent,
});
