import { createApiKey, listApiKeys, revokeApiKey, scopes, verifyApiKey, type ApiKey } from '#libs/contracts';
import { testApiKeyId, testUserId } from './tokens';

function apiKeyNamed(name: string): ApiKey {
  return {
    id: testApiKeyId,
    name,
    hint: 'gw_live_abcd…wxyz',
    scopes: ['profile:read'],
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-04-01T00:00:00.000Z',
    lastUsedAt: null,
  };
}

export const apiKeyContracts = { createApiKey, listApiKeys, revokeApiKey, verifyApiKey } as const;

/** The API key part of an auth service that allows everything: any key is valid and has every scope. */
export const agreeableApiKeys = {
  createApiKey: async ({ name }: { readonly name: string }) => ({ ...apiKeyNamed(name), key: 'gw_live_shown-once' }),
  listApiKeys: async () => ({ data: [apiKeyNamed('CI')], nextCursor: null }),
  revokeApiKey: async () => null,
  verifyApiKey: async () => ({
    apiKeyId: testApiKeyId,
    userId: testUserId,
    scopes: [...scopes],
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
  }),
};
