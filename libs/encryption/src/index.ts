export { createApiKey, looksLikeApiKey, type NewApiKey } from './api-key';
export { openForBearer, sealForBearer } from './bearer-seal';
export { encryptedColumn } from './encrypted-column';
export { Fernet, parseFieldEncryptionKeys } from './fernet';
export { FernetError } from './fernet-token';
export {
  createOneTimeToken,
  hashVerifier,
  parseOneTimeToken,
  verifierMatches,
  type NewOneTimeToken,
  type OneTimeTokenParts,
} from './one-time-token';
export { PasswordHasher, type PasswordHasherOptions, type PasswordVerification } from './password-hasher';
export { reencrypt, type EncryptedColumn, type ReencryptionCounts, type ReencryptionOptions } from './reencrypt';
export { yieldWhileHashing } from './worker-priority';
export { constantTimeEqual, hashToken, randomToken } from './token';
