import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { hashToken } from './token';

const prefix = 'gw_live_';
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 178 random bits. */
const randomLength = 30;
/** Holds 32 bits in base62. */
const checksumLength = 6;
const shape = /^gw_live_([\dA-Za-z]{30})([\dA-Za-z]{6})$/;

export interface NewApiKey {
  /** For the person who asked for it, this once. */
  readonly key: string;
  /** `gw_live_abcd…wxyz`: to recognize it by. 131 bits stay unknown. */
  readonly hint: string;
  /** To be stored in its place. */
  readonly hash: string;
}

/**
 * `gw_live_`, 30 random characters in base62, and their checksum, so that scanners find a key that was committed somewhere,
 * and take nothing else for one («Behind GitHub's new authentication token formats», github.blog, 2021).
 */
export function createApiKey(): NewApiKey {
  const random = Array.from({ length: randomLength }, () => digits.charAt(randomInt(digits.length))).join('');
  const key = `${prefix}${random}${checksumOf(random)}`;
  return { key, hint: `${prefix}${random.slice(0, 4)}…${random.slice(-4)}`, hash: hashToken(key) };
}

/** Whether a text has the form and the checksum of a key. Anybody can make such texts: it spares a question, and proves nothing. */
export function looksLikeApiKey(text: string): boolean {
  const [, random = '', checksum] = shape.exec(text) ?? [];
  return checksum === checksumOf(random);
}

/** CRC-32 as in zlib and PNG (RFC 1952 section 8) of the ASCII characters, in base62, the most significant digit first. */
function checksumOf(random: string): string {
  let rest = crc32(random);
  let text = '';
  while (text.length < checksumLength) {
    text = digits.charAt(rest % digits.length) + text;
    rest = Math.floor(rest / digits.length);
  }
  return text;
}
