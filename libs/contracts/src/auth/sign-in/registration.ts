import { email, locale, mailedName, newPassword } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';

/**
 * The request was accepted. Everything else follows by email, so that the response reveals nothing about
 * the account.
 */
export const accepted = z.strictObject({ status: z.literal('accepted') });

export const verificationSent = z.strictObject({ status: z.literal('verification_sent') });

export const register = defineRpc('auth', 'register', {
  http: {
    id: 'registration.create',
    post: '/auth/register',
    status: 202,
    limits: ['registration', 'registration-account'],
    summary: 'Create an account',
    description:
      'The response is the same whether or not the email address already has an account. The email says which.',
  },
  access: 'public',
  request: z.strictObject({ email, password: newPassword, name: mailedName, locale: locale.exactOptional() }),
  response: verificationSent,
});

/**
 * A sign-up was requested. What follows depends on whether the email address has an account, so it happens
 * after the response.
 */
export const registrationRequested = defineEvent('registration.requested', {
  subscribers: ['auth'],
  payload: z.strictObject({ email, passwordHash: z.string(), name: z.string(), locale }),
  confidential: true,
});
