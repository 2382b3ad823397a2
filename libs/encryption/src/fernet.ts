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

/** The keys in FIELD_ENCRYPTION_KEY, separated by commas, the newest first. */
export function parseFieldEncryptionKeys(text: string): string[] {
  return text.split(',').map((key) => key.trim());
}

/**
 * Authenticated encryption of short texts, by the Fernet specification: the first key encrypts, all decrypt, as Python's
 * `MultiFernet` does. A new key goes to the front of every process's list; once everything is re-encrypted, the old one goes.
 */
export class Fernet {
  // Private to the language, so that no log of an object shows a key.
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
   * @param ttlSeconds the token's age at most; without it, age does not matter
   * @throws FernetError
   */
  decrypt(token: string, { ttlSeconds }: { ttlSeconds?: number } = {}): string {
    const parsed = parseToken(token);
    const key = this.keyOf(parsed);
    if (ttlSeconds !== undefined) checkAge(parsed, ttlSeconds, Number(nowSeconds()));
    return openToken(key, parsed).toString();
  }

  /** Whether the token was made under the first key: one that was not is due for `rotate`. @throws FernetError malformed */
  isCurrent(token: string): boolean {
    return isAuthentic(this.#first, parseToken(token));
  }

  /** The same content and time under the first key. @throws FernetError */
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
