import { uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../rpc';
import { oauthProviderId, oauthStart, returnPath } from './oauth';

/** One identity at another provider that signs in to the account. `email` is the address there, if the provider tells one. */
export const identity = z
  .strictObject({
    id: uuid,
    provider: z.strictObject({ id: z.string(), name: z.string() }),
    email: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
  })
  .meta({ id: 'Identity' });

/** The oldest first; ten at most. */
export const listIdentities = defineRpc('auth', 'listIdentities', {
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: z.strictObject({ data: z.array(identity) }),
});

/** Begins a flow at whose end the identity belongs to who is signed in now. */
export const linkIdentity = defineRpc('auth', 'linkIdentity', {
  access: 'recent',
  request: z.strictObject({ provider: oauthProviderId, returnTo: returnPath.default('/') }),
  response: oauthStart,
  errors: ['not_found', 'oauth_failed', 'limit_reached'],
  timeoutMs: 8_000,
});

export const unlinkIdentity = defineRpc('auth', 'unlinkIdentity', {
  access: 'recent',
  request: z.strictObject({ id: uuid }),
  response: z.null(),
  errors: ['not_found', 'last_sign_in_method'],
});
