import { email, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineEvent } from '../event';
import { defineRpc } from '../rpc';
import { oneTimeToken } from './email-verification';
import { accepted } from './registration';

export const requestEmailChange = defineRpc('auth', 'requestEmailChange', {
  access: 'recent',
  request: z.strictObject({ email }),
  response: accepted,
});

/** A person wants another address; it may be taken, which the answer must not tell. */
export const emailChangeRequested = defineEvent('email_change.requested', {
  subscribers: ['auth'],
  /** `sessionEpoch`: whatever ends all sessions meanwhile ends the wish too. */
  payload: z.strictObject({ userId: uuid, email, sessionEpoch: z.int() }),
  confidential: true,
});

/** By the link that went to the new address. */
export const confirmEmailChange = defineRpc('auth', 'confirmEmailChange', {
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used', 'email_taken'],
});

/** By the link that went to the old address: takes the change back, ends every session, and sends a link to choose a new password. */
export const undoEmailChange = defineRpc('auth', 'undoEmailChange', {
  access: 'public',
  request: z.strictObject({ token: oneTimeToken }),
  response: z.null(),
  errors: ['token_invalid', 'token_expired', 'token_used', 'email_taken'],
});
