import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Returns an opaque token in base64url, with 32 random bytes by default. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/**
 * Returns the SHA-256 in base64url, to store in place of a token. Only for tokens with at least 128 random
 * bits: passwords need Argon2id.
 */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Takes equally long for equal and different texts, even if their lengths differ. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
