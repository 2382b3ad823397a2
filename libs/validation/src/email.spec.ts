import { z } from 'zod';
import { email } from './email';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message);

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
