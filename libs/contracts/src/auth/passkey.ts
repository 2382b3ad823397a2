import { displayName, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { session } from './session';
import { assertionResponse, passkeyCreationOptions, passkeyRequestOptions, registrationResponse } from './webauthn';

/** `backedUp`: it lives in a keychain that its maker synchronizes, so that it outlives the device. */
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

/** How many an account may have. */
export const passkeyLimit = 20;

export const beginPasskey = defineRpc('auth', 'beginPasskey', {
  access: 'recent',
  request: z.strictObject({}),
  response: passkeyCreationOptions,
  errors: ['limit_reached'],
});

export const addPasskey = defineRpc('auth', 'addPasskey', {
  access: 'recent',
  request: z.strictObject({ name: displayName, response: registrationResponse }),
  response: passkey,
  errors: ['passkey_rejected', 'limit_reached'],
});

/** The oldest first. */
export const listPasskeys = defineRpc('auth', 'listPasskeys', {
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: z.strictObject({ data: z.array(passkey).max(passkeyLimit) }),
});

export const renamePasskey = defineRpc('auth', 'renamePasskey', {
  access: 'user',
  effect: 'personal',
  request: z.strictObject({ id: uuid, name: displayName }),
  response: passkey,
  errors: ['not_found'],
});

export const removePasskey = defineRpc('auth', 'removePasskey', {
  access: 'recent',
  request: z.strictObject({ id: uuid }),
  response: z.null(),
  errors: ['not_found', 'last_sign_in_method'],
});

/** Asks for any passkey of this site: it names no account, so that it tells of none. */
export const beginPasskeySignIn = defineRpc('auth', 'beginPasskeySignIn', {
  access: 'public',
  request: z.strictObject({}),
  response: passkeyRequestOptions,
});

/** A passkey that has verified its user is two factors (NIST SP 800-63B-4 section 3.1.7): no other is asked for. */
export const signInWithPasskey = defineRpc('auth', 'signInWithPasskey', {
  access: 'public',
  request: z.strictObject({ response: assertionResponse }),
  response: session,
  errors: ['passkey_rejected', 'email_not_verified', 'account_suspended'],
});
