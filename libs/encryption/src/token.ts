import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** An opaque token in base64url; 32 bytes of randomness unless told otherwise. */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url');
}

/** SHA-256 in base64url, to store in a token's place. Only for tokens with 128 random bits or more: passwords need Argon2id. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** Takes as long for equal as for different texts, also where their lengths differ. */
export function constantTimeEqual(a: string | Uint8Array, b: string | Uint8Array): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}
