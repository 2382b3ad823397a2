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

/** Seals a text so that only who holds the bearer token can read it: its hash, which we store, does not open it. */
export function sealForBearer(token: string, plaintext: string): string {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return sealToken(keyOf(token), Buffer.from(plaintext), randomBytes(16), now);
}

/** @throws FernetError when it was sealed for another token, or changed */
export function openForBearer(token: string, sealed: string): string {
  const key = keyOf(token);
  const parsed = parseToken(sealed);
  if (!isAuthentic(key, parsed)) throw new FernetError('not_authentic');
  return openToken(key, parsed).toString();
}

/** HKDF (RFC 5869) without salt, since a token is uniformly random already. */
function keyOf(token: string): FernetKey {
  return fernetKeyOf(Buffer.from(hkdfSync('sha256', token, '', 'groundwork seal for bearer v1', 32)));
}
