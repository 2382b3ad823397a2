import { base32 } from './base32';
import { newTotpSecret, otpauthUrl, totpCodeAt, totpStepOf } from './totp';

const secret = base32(Buffer.from('12345678901234567890'));

it.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('returns the code of RFC 6238, appendix B, at second %i', (second, code) => {
  expect(totpCodeAt(secret, second * 1_000)).toBe(code);
  expect(totpStepOf(secret, code, second * 1_000)).toBe(Math.floor(second / 30));
});

it('accepts one step before and after, and no more', () => {
  const now = 1_234_567_890_000;
  const stepNow = Math.floor(now / 30_000);
  const stepOfCodeAt = (steps: number) => totpStepOf(secret, totpCodeAt(secret, now + steps * 30_000), now);
  expect([-2, -1, 0, 1, 2].map(stepOfCodeAt)).toEqual([null, stepNow - 1, stepNow, stepNow + 1, null]);
});

it('finds no step for wrong and malformed codes', () => {
  for (const code of ['000000', '', '28708', '2870822', 'abcdef', '28708a', '１２３４５６'])
    expect(totpStepOf(secret, code, 59_000)).toBeNull();
});

it('encodes base32 like RFC 4648, section 10, without padding', () => {
  const vectors = {
    '': '',
    f: 'MY',
    fo: 'MZXQ',
    foo: 'MZXW6',
    foob: 'MZXW6YQ',
    fooba: 'MZXW6YTB',
    foobar: 'MZXW6YTBOI',
  };
  for (const [text, encoded] of Object.entries(vectors)) expect(base32(Buffer.from(text))).toBe(encoded);
});

it('creates unique secrets of 160 bits', () => {
  const secrets = Array.from({ length: 100 }, newTotpSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const each of secrets) expect(each).toMatch(/^[A-Z2-7]{32}$/);
});

it('keeps hostile account and issuer names apart in the QR code', () => {
  const url = new URL(otpauthUrl(secret, 'a:b&secret=X?#@example.com', 'Acme & Co: #1'));
  expect(url.protocol).toBe('otpauth:');
  expect(decodeURIComponent(url.pathname)).toBe('/Acme & Co #1:a b&secret=X?#@example.com');
  expect(url.searchParams.get('issuer')).toBe('Acme & Co #1');
  expect(url.searchParams.getAll('secret')).toEqual([secret]);
});

it.each<[string, string, string | null]>([
  ['Acme: Portal', '/Acme Portal:ada@example.com', 'Acme Portal'],
  ['Acme:Portal', '/Acme Portal:ada@example.com', 'Acme Portal'],
  [':Acme::Portal : x:', '/Acme Portal x:ada@example.com', 'Acme Portal x'],
  [':', '/ada@example.com', null],
  ['Acme', '/Acme:ada@example.com', 'Acme'],
])('makes a label with at most one colon of the product name %j', (issuer, label, parameter) => {
  const url = new URL(otpauthUrl(secret, 'ada@example.com', issuer));
  expect(decodeURIComponent(url.pathname)).toBe(label);
  expect(url.searchParams.get('issuer')).toBe(parameter);
});
