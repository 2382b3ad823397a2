import { constantTimeEqual, hashToken, randomToken } from './token';

describe('randomToken', () => {
  it('has 256 random bits by default', () => {
    expect(randomToken()).toMatch(/^[\w-]{43}$/);
    expect(randomToken(16)).toMatch(/^[\w-]{22}$/);
    expect(new Set(Array.from({ length: 1000 }, () => randomToken())).size).toBe(1000);
  });
});

describe('hashToken', () => {
  it('is SHA-256, so hashes stay comparable across versions', () => {
    // FIPS 180-2, appendix B.1: the digest of "abc".
    expect(Buffer.from(hashToken('abc'), 'base64url').toString('hex')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });
});

describe('constantTimeEqual', () => {
  it.each([
    ['', '', true],
    ['a', 'a', true],
    ['ü', 'ü', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['', 'a', false],
    ['a', 'a\0', false],
    ['ü', 'u\u0308', false],
    ['x'.repeat(100_000), 'x'.repeat(100_000), true],
    ['x'.repeat(100_000), `${'x'.repeat(99_999)}y`, false],
  ])('compares %#', (a, b, equal) => {
    expect(constantTimeEqual(a, b)).toBe(equal);
    expect(constantTimeEqual(b, a)).toBe(equal);
  });
});
