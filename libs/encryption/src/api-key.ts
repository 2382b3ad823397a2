import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { hashToken } from './token';

const prefix = 'gw_live_';
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 178 random bits. */
const randomLength = 30;
/** Encodes 32 bits in base62. */
const checksumLength = 6;
const shape = /^gw_live_([\dA-Za-z]{30})([\dA-Za-z]{6})$/;

export interface NewApiKey {
  /** Shown to the user only once. */
  readonly key: string;
  /** Identifies the key in lists, as `gw_live_abcd…wxyz`. 131 bits stay unknown. */
  readonly hint: string;
  /** Stored in place of the key. */
  readonly hash: string;
}

/**
 * Creates `gw_live_`, 30 random base62 characters and a checksum, so that secret scanners find leaked keys
 * without false positives ("Behind GitHub's new authentication token formats", github.blog, 2021).
 */
export function createApiKey(): NewApiKey {
  const random = Array.from({ length: randomLength }, () => digits.charAt(randomInt(digits.length))).join('');
  const key = `${prefix}${random}${checksumOf(random)}`;
  return { key, hint: `${prefix}${random.slice(0, 4)}…${random.slice(-4)}`, hash: hashToken(key) };
}

/**
 * Returns true if the text has the format and checksum of a key. Saves a lookup but proves nothing, since
 * anyone can create such a text.
 */
export function looksLikeApiKey(text: string): boolean {
  const [, random = '', checksum] = shape.exec(text) ?? [];
  return checksum === checksumOf(random);
}

/**
 * CRC-32 as in zlib and PNG (RFC 1952 section 8) of the ASCII characters, in base62 with the most
 * significant digit first.
 */
function checksumOf(random: string): string {
  let rest = crc32(random);
  let text = '';
  while (text.length < checksumLength) {
    text = digits.charAt(rest % digits.length) + text;
    rest = Math.floor(rest / digits.length);
  }
  return text;
}
