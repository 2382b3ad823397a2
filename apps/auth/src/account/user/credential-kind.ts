/**
 * What a user can sign in or call the API with. Add a new kind here first: code that must handle it then fails to
 * compile. A test compares the tables with it.
 */
export const credentialTables = {
  password: 'users',
  apiKey: 'api_keys',
  passkey: 'passkeys',
  identity: 'identities',
  totp: 'totp_credentials',
} as const;
export type CredentialKind = keyof typeof credentialTables;
