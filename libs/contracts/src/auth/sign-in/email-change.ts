import { email, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../../event';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from './email-verification';
import { accepted } from './registration';

export const requestEmailChange = defineRpc('auth', 'requestEmailChange', {
  http: {
    id: 'emailChange.request',
    post: '/users/me/email',
    status: 202,
    limits: ['mailed-link'],
    summary: 'Request an email change',
    description:
      'Sends a confirmation link to the new email address. The response is the same if that address is already taken.',
  },
  access: 'recent',
  request: z.strictObject({ email }),
  response: accepted,
});

/** A user wants to change the email address. It may belong to another account, which the response must not reveal. */
export const emailChangeRequested = defineEvent('email_change.requested', {
  subscribers: ['auth'],
  /** `sessionEpoch`: anything that ends all sessions in the meantime also cancels this request. */
  payload: z.strictObject({ userId: uuid, email, sessionEpoch: z.int() }),
  confidential: true,
});

/** Uses the link that was sent to the new email address. */
export const confirmEmailChange = defineRpc('auth', 'confirmEmailChange', {
  http: {
    id: 'emailChange.confirm',
    post: '/users/me/email/confirm',
    limits: ['mailed-token'],
    summary: 'Confirm an email change',
    description: 'Takes the token from the email sent to the new address.',
  },
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used', 'email_taken'],
});

/**
 * Uses the link that was sent to the old email address. Undoes the change, ends every session and sends a
 * password reset link.
 */
export const undoEmailChange = defineRpc('auth', 'undoEmailChange', {
  http: {
    id: 'emailChange.undo',
    post: '/users/me/email/undo',
    limits: ['mailed-token'],
    summary: 'Undo an email change',
    description:
      'Takes the token from the email sent to the old address. Revokes every session of the account and emails a password reset link.',
  },
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used', 'email_taken'],
});
