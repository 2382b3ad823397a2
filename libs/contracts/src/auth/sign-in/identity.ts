import { list, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { oauthProviderId, oauthStart, returnPath } from './oauth';

/**
 * An identity at another provider that signs in to the account. `email` is the provider's email address
 * for it, if known.
 */
export const identity = z
  .strictObject({
    id: uuid,
    provider: z.strictObject({ id: z.string(), name: z.string() }),
    email: z.string().nullable(),
    createdAt: z.iso.datetime(),
    lastUsedAt: z.iso.datetime(),
  })
  .meta({ id: 'Identity' });

/** Oldest first. At most ten. */
export const listIdentities = defineRpc('auth', 'listIdentities', {
  http: {
    id: 'identities.list',
    get: '/users/me/identities',
    summary: 'List linked sign-in providers',
    description: 'Returns the providers that can sign in to your account.',
  },
  access: 'user',
  effect: 'read',
  request: z.strictObject({}),
  response: list(identity),
});

/** Starts a flow that links the identity to the signed-in user. */
export const linkIdentity = defineRpc('auth', 'linkIdentity', {
  http: {
    id: 'identities.link',
    post: '/users/me/identities',
    limits: ['sensitive'],
    summary: 'Link a sign-in provider',
    description:
      'Open `url` in the same browser: the cookie set by this response is checked at the end. The browser then goes to `returnTo`.',
  },
  access: 'recent',
  request: z.strictObject({ provider: oauthProviderId, returnTo: returnPath.default('/') }),
  response: oauthStart,
  errors: ['not_found', 'oauth_failed', 'limit_reached'],
  timeoutMs: 8_000,
});

export const unlinkIdentity = defineRpc('auth', 'unlinkIdentity', {
  http: {
    id: 'identities.unlink',
    delete: '/users/me/identities/:id',
    limits: ['sensitive'],
    summary: 'Unlink a sign-in provider',
    description: "The last sign-in method of an account can't be removed.",
  },
  access: 'recent',
  request: z.strictObject({ id: uuid.describe('The id of the linked identity.') }),
  response: z.null(),
  errors: ['not_found', 'last_sign_in_method'],
});
