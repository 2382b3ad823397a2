import { displayName, page, pageRequest, rule, uuid } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { scope, scopes } from './scope';

const longestLifeDays = 366;

/**
 * An API key as its user sees it, without the key itself. `hint` is its start and end, such as
 * `gw_live_abcd…wxyz`.
 */
export const apiKey = z
  .strictObject({
    id: uuid,
    name: z.string(),
    hint: z.string(),
    scopes: z.array(z.string()),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    /** Accurate to one minute. Null if the key was never used. */
    lastUsedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
export type ApiKey = z.output<typeof apiKey>;

/** This is the only response that contains `key`. */
export const createdApiKey = apiKey.extend({ key: z.string() }).meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.output<typeof createdApiKey>;

const isUnique = (items: readonly string[]) => new Set(items).size === items.length;

export const createApiKey = defineRpc('auth', 'createApiKey', {
  http: {
    id: 'apiKeys.create',
    post: '/users/me/api-keys',
    status: 201,
    limits: ['sensitive'],
    summary: 'Create an API key',
    description: 'The key is shown only in this response. Programs send it as `Authorization: Bearer gw_live_…`.',
  },
  access: 'recent',
  request: z.strictObject({
    name: displayName,
    scopes: z
      .array(scope)
      .min(1)
      .max(scopes.length)
      .refine(isUnique, rule('duplicate_item'))
      .meta({ uniqueItems: true }),
    expiresInDays: z.int().min(1).max(longestLifeDays).default(90),
  }),
  response: createdApiKey,
  errors: ['limit_reached'],
});

/**
 * The keys that are not revoked, newest first. Expired keys stay in the list for a month, so that users
 * can see why a program stopped.
 */
export const listApiKeys = defineRpc('auth', 'listApiKeys', {
  http: {
    id: 'apiKeys.list',
    get: '/users/me/api-keys',
    summary: 'List your API keys',
    description: 'Returns the newest first. Revoked keys are left out. Expired keys stay in the list for a month.',
  },
  access: 'user',
  effect: 'read',
  request: pageRequest,
  response: page(apiKey),
});

export const revokeApiKey = defineRpc('auth', 'revokeApiKey', {
  http: {
    id: 'apiKeys.revoke',
    delete: '/users/me/api-keys/:id',
    summary: 'Revoke an API key',
    description: 'The key stops working everywhere within a second.',
  },
  access: 'recent',
  request: z.strictObject({ id: uuid.describe('The id of the API key.') }),
  response: z.null(),
  errors: ['not_found'],
});

/**
 * Only the gateway calls this. `hash` is the key's SHA-256 in base64url, so the key itself never leaves
 * the gateway.
 */
export const verifyApiKey = defineRpc('auth', 'verifyApiKey', {
  access: 'public',
  request: z.strictObject({ hash: z.string().regex(/^[\w-]{43}$/) }),
  response: z.strictObject({
    apiKeyId: uuid,
    userId: uuid,
    scopes: z.array(z.string()),
    expiresAt: z.iso.datetime(),
  }),
  errors: ['unauthenticated', 'account_suspended'],
  timeoutMs: 2_000,
});
