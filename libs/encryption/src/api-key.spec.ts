import { createApiKey, looksLikeApiKey } from './api-key';
import { hashToken } from './token';

/** The expression that docs/api-keys.md publishes for secret scanners. */
const scanner = /\bgw_live_[0-9A-Za-z]{36}\b/;

describe('an API key', () => {
  it('matches the published expression and has a valid checksum', () => {
    for (let round = 0; round < 500; round++) {
      const { key } = createApiKey();
      expect(scanner.exec(`token = "${key}";`)?.[0]).toBe(key);
      expect(looksLikeApiKey(key)).toBe(true);
    }
  });

  it('is always unique and uses every base62 digit', () => {
    const keys = Array.from({ length: 1_000 }, () => createApiKey().key.slice('gw_live_'.length, -6));
    expect(new Set(keys).size).toBe(1_000);
    expect(new Set(keys.join('')).size).toBe(62);
  });

  it('is stored as its SHA-256 and shown by eight of its characters', () => {
    const { key, hint, hash } = createApiKey();
    expect(hash).toBe(hashToken(key));
    expect(hint).toBe(`${key.slice(0, 12)}…${key.slice(-10, -6)}`);
  });

  // Computed with Python's zlib.crc32.
  it.each([
    'gw_live_0000000000000000000000000000002C8GjS',
    'gw_live_AAAABBBBCCCCDDDDEEEEFFFFGGGGHH07aGfy',
    'gw_live_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz4IlJEz',
  ])('has the same checksum as in other implementations: %s', (key) => expect(looksLikeApiKey(key)).toBe(true));

  it('is refused with any character, the case, prefix or length changed', () => {
    const { key } = createApiKey();
    for (let index = 0; index < key.length; index++) {
      const changed = key.charAt(index) === 'x' ? 'y' : 'x';
      expect(looksLikeApiKey(key.slice(0, index) + changed + key.slice(index + 1))).toBe(false);
    }
    const others = [
      ...[key.toLowerCase(), key.toUpperCase(), ` ${key}`, `${key}\n`, `${key}0`, key.slice(0, -1)],
      ...[key.slice(8), key.replace('live', 'test'), '', 'gw_live_', 'gw_live_'.repeat(100_000)],
    ];
    for (const text of others) expect(looksLikeApiKey(text)).toBe(false);
  });
});
