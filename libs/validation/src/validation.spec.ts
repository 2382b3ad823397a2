import { z } from 'zod';
import {
  avatarUrl,
  currentPassword,
  displayName,
  email,
  locale,
  negotiateLocale,
  newPassword,
  passwordLength,
} from './index';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message);

const schemas = { email, newPassword, currentPassword, displayName, locale, avatarUrl };

describe('every schema', () => {
  const each = Object.entries(schemas);

  it.each(each)('%s refuses what is no text', (_name, schema) => {
    for (const value of [undefined, null, 0, true, [], ['a@example.com'], {}, { toString: () => 'a@example.com' }]) {
      expect(accepts(schema, value)).toBe(false);
    }
  });

  it.each(each)('%s refuses what is too long at once, before it normalises or looks at it', (_name, schema) => {
    for (const part of ['a', 'a@', 'a.', '@', ' ', '\t', '-', 'ﷺ', '\u0301', 'https://a.']) {
      for (const text of [part.repeat(10_000), part.repeat(1_000_000)]) {
        expect(schema.safeParse(text).error?.issues.map(({ code }) => code)).toEqual([
          schema === locale ? 'invalid_value' : 'too_big',
        ]);
      }
    }
  });

  it.each(each)('%s has a JSON schema of its input', (_name, schema) => {
    expect(z.toJSONSchema(schema, { io: 'input' })).toMatchObject({ type: 'string' });
  });

  it('the JSON schemas say how long, in which form, and give an example', () => {
    const input = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' });
    expect(input(email)).toMatchObject({ format: 'email', maxLength: 254, examples: ['ada@example.com'] });
    expect(input(newPassword)).toMatchObject({ format: 'password', minLength: 8, maxLength: 128 });
    expect(input(displayName)).toMatchObject({ minLength: 1, maxLength: 100, examples: ['Ada Lovelace'] });
    expect(input(avatarUrl)).toMatchObject({ format: 'uri', maxLength: 2048 });
    expect(input(locale)).toMatchObject({ enum: ['en', 'de'] });
  });

  it('gives the same again for what it gave: each process on the way parses anew', () => {
    const good: [z.ZodType<string>, string[]][] = [
      [email, [' Ada@EXAMPLE.com ', 'ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ']],
      [newPassword, ['ｃｏｒｒｅｃｔ horse', 'Å Ångström']],
      [displayName, ['  Ada \t Lovelace ', 'Zoe\u0308']],
      [avatarUrl, ['https://EXAMPLE.com/ü\n.png', 'https://example.com/a b']],
    ];
    for (const [schema, texts] of good) {
      for (const text of texts) {
        const once = schema.parse(text);
        expect(schema.parse(once)).toBe(once);
      }
    }
  });
});

describe('email', () => {
  it.each([
    ['ada@example.com', 'ada@example.com'],
    ['  Ada.Lovelace+Test@Example.COM\n', 'ada.lovelace+test@example.com'],
    ["o'brien@example.co.uk", "o'brien@example.co.uk"],
    ['a&b/c=d@example.com', 'a&b/c=d@example.com'],
    ['ADA@XN--BCHER-KVA.XN--P1AI', 'ada@xn--bcher-kva.xn--p1ai'],
    ['1@1.example', '1@1.example'],
    // Other forms of ASCII characters: the mail goes to what they become.
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['\u212Aelvin@example.com', 'kelvin@example.com'],
    ['o\uFB03ce@example.com', 'office@example.com'],
  ])('%j is %s', (text, address) => expect(email.parse(text)).toBe(address));

  it.each([
    '',
    '@',
    'ada',
    'ada@',
    '@example.com',
    'ada@localhost',
    'ada@@example.com',
    'a@da@example.com',
    'ada lovelace@example.com',
    '.ada@example.com',
    'ada.@example.com',
    'a..da@example.com',
    'ada@.example.com',
    'ada@example..com',
    'ada@example.com.',
    'ada@-example.com',
    'ada@example-.com',
    'ada@exam_ple.com',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    '"ada"@example.com',
    'Ada <ada@example.com>',
    'ada@example.com, eve@example.com',
    'ada@example.com;eve@example.com',
    'ada@example.com\r\nBcc: eve@example.com',
    'ada\0@example.com',
    'ada@example.com\0',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    // Look-alikes: Cyrillic а, dotless ı, İ, a hidden joiner, an ideographic full stop.
    '\u0430da@example.com',
    'ada@ex\u0430mple.com',
    'm\u0131ke@example.com',
    'M\u0130KE@example.com',
    'a\u200Dda@example.com',
    'ada@example\u3002com',
    'ada@b\u00FCcher.de',
    'stra\u00DFe@example.com',
    // Short before it is normalised, long after.
    `${'\u33C6'.repeat(60)}@example.com`,
  ])('refuses %j', (text) => expect(messagesOf(email, text)).toEqual(['Not an e-mail address.']));

  it('takes 254 characters and not one more', () => {
    const address = (length: number) =>
      `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}${'c'.repeat(length - 248)}`;
    expect(address(254)).toHaveLength(254);
    expect(accepts(email, address(254))).toBe(true);
    expect(accepts(email, address(255))).toBe(false);
  });
});

describe('a new password', () => {
  it.each([
    'correct horse battery',
    'hunter2!x',
    'only lower case letters',
    '73905182',
    'пароль мой длинный',
    '🐎🔋🖇️🍎🌍🎈🧵🪁',
    '        x',
    "'; DROP TABLE users; --",
    'x\ty\nz\u0000abc',
    'ﷺ is long',
  ])('may be %j', (text) => expect(accepts(newPassword, text)).toBe(true));

  it('has 8 to 128 characters, of which an emoji is one', () => {
    const distinct = (length: number) =>
      Array.from({ length }, (_, index) => String.fromCodePoint(0x1f300 + ((index * 37) % 500))).join('');
    expect(messagesOf(newPassword, distinct(7))).toEqual(['At least 8 characters.']);
    expect(accepts(newPassword, distinct(8))).toBe(true);
    expect(accepts(newPassword, distinct(passwordLength.max))).toBe(true);
    expect(messagesOf(newPassword, distinct(passwordLength.max + 1))).toEqual(['At most 128 characters.']);
  });

  it('is the same from every keyboard', () => {
    expect(newPassword.parse('cafe\u0301 noir')).toBe(newPassword.parse('caf\u00E9 noir'));
    expect(newPassword.parse('ｃｏｒｒｅｃｔ horse')).toBe('correct horse');
    expect(newPassword.parse(' Correct Horse ')).toBe(' Correct Horse ');
  });

  it.each([
    'password',
    'Password1',
    'PASSWORD123',
    'p@ssw0rd',
    'ｐａｓｓｗｏｒｄ',
    'iloveyou',
    '1q2w3e4r',
    'aaaaaaaa',
    '🐎'.repeat(8),
    'abababab',
    '123412341234',
    '12345678',
    '1234567890',
    '0123456789',
    '87654321',
    'abcdefgh',
    'abcdefghi1',
    'groundwork',
  ])('is not %j, which anybody would try', (text) => {
    expect(messagesOf(newPassword, text)).toEqual([
      'One of the first passwords that anybody would try. Choose another.',
    ]);
  });

  it('to compare is taken as it is, but for its form', () => {
    expect(currentPassword.parse('x')).toBe('x');
    expect(currentPassword.parse('ｘ')).toBe('x');
    expect(currentPassword.parse('password')).toBe('password');
    expect(accepts(currentPassword, '')).toBe(false);
    expect(accepts(currentPassword, 'x'.repeat(513))).toBe(false);
  });
});

describe('displayName', () => {
  it.each([
    ['Ada Lovelace', 'Ada Lovelace'],
    ['  Ada \n\t Lovelace\u00A0', 'Ada Lovelace'],
    ['Zoe\u0308', 'Zoë'],
    ['J. R. R. Tolkien', 'J. R. R. Tolkien'],
    ['J.R.R. Tolkien', 'J.R.R. Tolkien'],
    ["Conan O'Brien-Smith (Jr.)", "Conan O'Brien-Smith (Jr.)"],
    ['Łukasz Żółć', 'Łukasz Żółć'],
    ['山田 太郎', '山田 太郎'],
    ['محمد رضا', 'محمد رضا'],
    ['علی\u200cرضا', 'علی\u200cرضا'],
    ['ශ්\u200dරී', 'ශ්\u200dරී'],
    ['X Æ A-12', 'X Æ A-12'],
    ['7 & Sons, Ltd.', '7 & Sons, Ltd.'],
    ['Robert"); DROP TABLE users;--', 'Robert"); DROP TABLE users;--'],
  ])('%j is %j', (text, name) => expect(displayName.parse(text)).toBe(name));

  it.each([
    '',
    '   ',
    '...',
    '\u3164',
    '\u2800',
    'Ada\0',
    'Ada\u0007',
    'Ada\u202Eecalevol',
    'Ada\u2066',
    '\u200BAda',
    'Ada\u200D',
    'Ada\u{E0041}',
    'Ada\uD800',
    'Ada\uE000',
    'https://evil.example',
    'Ada http:evil',
    'Free money www.evil',
    'You won! evil.com',
    'evil。com',
    'ada@evil.com',
    'ftp://evil',
    'a/b',
    'a\\b',
    '<b>Ada</b>',
    'x'.repeat(101),
    '👩🏽'.repeat(51),
  ])('refuses %j', (text) => expect(accepts(displayName, text)).toBe(false));

  it('counts code points: 100 of them, whatever the script', () => {
    expect(accepts(displayName, '𠮷'.repeat(100))).toBe(true);
    expect(messagesOf(displayName, '𠮷'.repeat(101))).toEqual(['At most 100 characters.']);
  });
});

describe('avatarUrl', () => {
  it.each([
    ['https://avatars.githubusercontent.com/u/1?v=4', 'https://avatars.githubusercontent.com/u/1?v=4'],
    ['HTTPS://Example.COM/A b.png', 'https://example.com/A%20b.png'],
    ['https://example.com:443/a.png', 'https://example.com/a.png'],
    ['https://example.com/\u0000.png', 'https://example.com/%00.png'],
    ['\n https://exam\tple.com/a\n.png ', 'https://example.com/a.png'],
  ])('%j is kept as %s', (text, url) => expect(avatarUrl.parse(text)).toBe(url));

  it.each([
    '',
    'x',
    '/a.png',
    '//example.com/a.png',
    'http://example.com/a.png',
    'javascript:alert(1)',
    'data:image/png;base64,AAAA',
    'https://user@example.com/a.png',
    'https://user:password@example.com/a.png',
    'https://example.com:8443/a.png',
    'https://localhost/a.png',
    'https://127.0.0.1/a.png',
    'https://2130706433/a.png',
    'https://0x7f.1/a.png',
    'https://[::1]/a.png',
    'https://example.com./a.png',
    'https://1.2.3.4.5/a.png',
    'https://example.com/a.svg',
    'https://example.com/a.SVGZ?x=.png',
    `https://example.com/${'ü'.repeat(1_000)}`,
  ])('refuses %j', (text) => expect(accepts(avatarUrl, text)).toBe(false));
});

describe('negotiateLocale', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['DE-at', 'de'],
    ['de-CH-1996, en;q=0.9', 'de'],
    ['en;q=0.8, de', 'de'],
    ['en;q=0.5,de;q=0.50', 'en'],
    ['fr, it;q=0.9, de;q=0.1', 'de'],
    ['de;q=0, en', 'en'],
    ['de;q=0', 'en'],
    ['*', 'en'],
    ['*, de;q=0.5', 'en'],
    ['fr;q=0.9, de;q=0.5, *;q=0.1', 'de'],
    ['de ; q=1.000 , en;q=0.999', 'de'],
    ['de;x=y;q=0.3, en;q=0.2', 'de'],
    // Hostile or broken: a language with a quality that can't be read is not wanted.
    ['de;q=9', 'en'],
    ['de;q=-1', 'en'],
    ['de;q=', 'en'],
    ['de;q=1e3', 'en'],
    ['de;q=NaN', 'en'],
    ['de;q=0.5.5', 'en'],
    ['__proto__, constructor', 'en'],
    ['deutsch', 'en'],
    ['de\0', 'en'],
    [',;,;=,q=,--', 'en'],
    [`${','.repeat(100_000)}de`, 'en'],
    [`${'a'.repeat(100_000)}`, 'en'],
    [`de;${'q='.repeat(100_000)}`, 'en'],
  ])('%# gives %s', (header, expected) => expect(negotiateLocale(header)).toBe(expected));
});
