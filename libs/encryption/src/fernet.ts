import { randomBytes } from 'node:crypto';
import {
  checkAge,
  FernetError,
  isAuthentic,
  openToken,
  parseFernetKey,
  parseToken,
  sealToken,
  type FernetKey,
  type ParsedToken,
} from './fernet-token';

/** Parses FIELD_ENCRYPTION_KEY: keys separated by commas, the newest first. */
export function parseFieldEncryptionKeys(text: string): string[] {
  return text.split(',').map((key) => key.trim());
}

/**
 * Authenticated encryption of short texts with Fernet. The first key encrypts and all keys decrypt, as in
 * Python's `MultiFernet`.
 * To rotate, put a new key first in every process, re-encrypt everything, then remove the old key.
 */
export class Fernet {
  // Private fields, so that logging the object never shows a key.
  readonly #first: FernetKey;
  readonly #keys: readonly FernetKey[];

  /** @throws FernetError invalid_key */
  constructor(keys: readonly string[]) {
    const [first, ...others] = keys.map(parseFernetKey);
    if (first === undefined) throw new FernetError('invalid_key');
    this.#first = first;
    this.#keys = [first, ...others];
  }

  encrypt(plaintext: string): string {
    return sealToken(this.#first, Buffer.from(plaintext), randomBytes(16), nowSeconds());
  }

  /**
   * @param ttlSeconds the maximum age of the token; without it, any age is accepted
   * @throws FernetError
   */
  decrypt(token: string, { ttlSeconds }: { ttlSeconds?: number } = {}): string {
    const parsed = parseToken(token);
    const key = this.keyOf(parsed);
    if (ttlSeconds !== undefined) checkAge(parsed, ttlSeconds, Number(nowSeconds()));
    return openToken(key, parsed).toString();
  }

  /**
   * Returns false for a token that was made with an older key and needs `rotate`.
   * @throws FernetError malformed
   */
  isCurrent(token: string): boolean {
    return isAuthentic(this.#first, parseToken(token));
  }

  /**
   * Returns a token with the same content and time, encrypted with the first key.
   * @throws FernetError
   */
  rotate(token: string): string {
    const parsed = parseToken(token);
    const message = openToken(this.keyOf(parsed), parsed);
    return sealToken(this.#first, message, randomBytes(16), parsed.timestampSeconds);
  }

  private keyOf(token: ParsedToken): FernetKey {
    const key = this.#keys.find((candidate) => isAuthentic(candidate, token));
    if (key === undefined) throw new FernetError('not_authentic');
    return key;
  }
}

function nowSeconds(): bigint {
  return BigInt(Math.floor(Date.now() / 1000));
}
