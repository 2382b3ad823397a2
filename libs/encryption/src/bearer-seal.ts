import { hkdfSync, randomBytes } from 'node:crypto';
import {
  FernetError,
  fernetKeyOf,
  isAuthentic,
  openToken,
  parseToken,
  sealToken,
  type FernetKey,
} from './fernet-token';

/**
 * Encrypts a text so that only the holder of the bearer token can read it. The stored hash of the token
 * does not open it.
 */
export function sealForBearer(token: string, plaintext: string): string {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return sealToken(keyOf(token), Buffer.from(plaintext), randomBytes(16), now);
}

/** @throws FernetError if it was sealed for another token or was changed */
export function openForBearer(token: string, sealed: string): string {
  const key = keyOf(token);
  const parsed = parseToken(sealed);
  if (!isAuthentic(key, parsed)) throw new FernetError('not_authentic');
  return openToken(key, parsed).toString();
}

/** HKDF (RFC 5869) without salt, because a token is already uniformly random. */
function keyOf(token: string): FernetKey {
  return fernetKeyOf(Buffer.from(hkdfSync('sha256', token, '', 'groundwork seal for bearer v1', 32)));
}
