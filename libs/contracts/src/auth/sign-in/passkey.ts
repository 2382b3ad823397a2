import { list, displayName, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { session } from '../session/session';
import { assertionResponse, passkeyCreationOptions, passkeyRequestOptions, registrationResponse } from './webauthn';

/** `backedUp`: the passkey is synchronized by its provider, so it survives the loss of the device. */
export const passkey = z
  .strictObject({
    id: uuid,
    name: z.string(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime().nullable(),
    backedUp: z.boolean(),
  })
  .meta({ id: 'Passkey' });
export type Passkey = z.output<typeof passkey>;

/** Maximum number per account. */
export const passkeyLimit = 20;

export const beginPasskey = defineRpc('auth', 'beginPasskey', {
  http: {
    id: 'passkeys.createOptions',
    post: '/users/me/passkeys/options',
    limits: ['sensitive'],
    summary: 'Start adding a passkey',
    description:
      'Pass the response to `navigator.credentials.create({ publicKey })`. The challenge expires after 5 minutes.',
  },
  access: 'recent',
  request: z.strictObject({}),
  response: passkeyCreationOptions,
  errors: ['limit_reached'],
});

export const addPasskey = defineRpc('auth', 'addPasskey', {
  http: {
    id: 'passkeys.create',
    post: '/users/me/passkeys',
    limits: ['sensitive'],
    summary: 'Add a passkey',
    description: '`response` is the credential as returned by its `toJSON()`.',
  },
  access: 'recent',
  request: z.strictObject({ name: displayName, response: registrationResponse }),
  response: passkey,
  errors: ['passkey_rejected', 'limit_reached'],
});

/** Oldest first. */
export const listPasskeys = defineRpc('auth', 'listPasskeys', {
  http: {
    id: 'passkeys.list',
    get: '/users/me/passkeys',
    summary: 'List your passkeys',
    description: 'Returns the name, creation time and last use of each passkey.',
  },
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: list(passkey, passkeyLimit),
});

export const renamePasskey = defineRpc('auth', 'renamePasskey', {
  http: {
    id: 'passkeys.update',
    patch: '/users/me/passkeys/:id',
    summary: 'Rename a passkey',
    description: 'The name is only shown to you.',
  },
  access: 'user',
  effect: 'personal',
  request: z.strictObject({ id: uuid.describe('The id of the passkey.'), name: displayName }),
  response: passkey,
  errors: ['not_found'],
});

export const removePasskey = defineRpc('auth', 'removePasskey', {
  http: {
    id: 'passkeys.delete',
    delete: '/users/me/passkeys/:id',
    limits: ['sensitive'],
    summary: 'Remove a passkey',
    description: "The passkey can no longer sign in. The last sign-in method of an account can't be removed.",
  },
  access: 'recent',
  request: z.strictObject({ id: uuid.describe('The id of the passkey.') }),
  response: z.null(),
  errors: ['not_found', 'last_sign_in_method'],
});

/** Asks for any passkey of this site. It names no account, so it reveals none. */
export const beginPasskeySignIn = defineRpc('auth', 'beginPasskeySignIn', {
  http: {
    id: 'passkeys.signInOptions',
    post: '/auth/passkeys/options',
    limits: ['passkey-options'],
    summary: 'Start a passkey sign-in',
    description:
      'Pass the response to `navigator.credentials.get({ publicKey })`. The challenge expires after 5 minutes.',
  },
  access: 'public',
  request: z.strictObject({}),
  response: passkeyRequestOptions,
});

/**
 * A passkey with user verification counts as two factors (NIST SP 800-63B-4 section 3.1.7), so no other
 * factor is needed.
 */
export const signInWithPasskey = defineRpc('auth', 'signInWithPasskey', {
  http: {
    id: 'passkeys.signIn',
    post: '/auth/passkeys/verify',
    limits: ['login'],
    summary: 'Sign in with a passkey',
    description: '`response` is the credential as returned by its `toJSON()`. No second factor is needed.',
  },
  access: 'public',
  request: z.strictObject({ response: assertionResponse }),
  response: session,
  errors: ['passkey_rejected', 'email_not_verified', 'account_suspended'],
});
