import { canonicalJson } from './json';
import { presentable } from './presentable';

it.each([
  'password',
  'newPassword',
  'passphrase',
  'token',
  'refresh_token',
  'clientSecret',
  'recoveryCodes',
  'code',
  'passwordHash',
  'verifier_hash',
  'selector',
  'apiKey',
  'private_key',
  'Cookie',
  'totp',
  'AUTHORIZATION',
  'signature',
])('drops a property named %s at any depth', (name) => {
  const kept = presentable({
    role: 'admin',
    [name]: 'hidden',
    list: [{ [name]: 'hidden', a: 1 }],
    deep: { [name]: 1 },
  });
  expect(kept).toEqual({ role: 'admin', list: [{ a: 1 }], deep: {} });
});

it('keeps ordinary values unchanged', () => {
  const change = {
    name: 'Ünïcode «Ltd» =1+1',
    seatLimit: 5,
    suspended: false,
    logo: null,
    permissions: ['audit:read'],
  };
  expect(presentable(change)).toEqual(change);
});

it('limits texts, lists, objects and depth', () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, index]));
  const kept = presentable({
    text: 'x'.repeat(5_000),
    list: Array.from({ length: 500 }, () => 1),
    wide,
    a: { b: { c: { d: 1 } } },
  });
  expect(String(kept['text'])).toHaveLength(1_001);
  expect(kept['list']).toHaveLength(100);
  expect(Object.keys(Object(kept['wide']))).toHaveLength(100);
  expect(kept['a']).toEqual({ b: {} });
});

it('replaces what PostgreSQL cannot store', () => {
  expect(presentable({ a: 'zero\0byte', b: 'half \ud800', c: Number.NaN })).toEqual({
    a: 'zero\u{FFFD}byte',
    b: 'half \u{FFFD}',
    c: null,
  });
});

it('writes the canonical form of RFC 8785', () => {
  // Section 3.2.3 of the RFC, with the properties that it sorts by UTF-16 code units.
  const sorted = {
    '\u20ac': 'Euro',
    '\r': 'CR',
    '\ufb33': 'Dalet',
    '1': 'One',
    '\u{1f600}': 'Smile',
    '\u0080': 'C',
    '\u00f6': 'o',
  };
  expect(Object.keys(JSON.parse(canonicalJson(sorted)))).toEqual(
    expect.arrayContaining(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33']),
  );
  expect(canonicalJson(sorted)).toBe(
    '{"\\r":"CR","1":"One","\u0080":"C","\u00f6":"o","\u20ac":"Euro","\u{1f600}":"Smile","\ufb33":"Dalet"}',
  );
  const values = { numbers: [1e30, 4.5, 0.002, 1e-27, -0, 333333333.3333333], none: undefined, b: [null, true, false] };
  expect(canonicalJson(values)).toBe('{"b":[null,true,false],"numbers":[1e+30,4.5,0.002,1e-27,0,333333333.3333333]}');
});
