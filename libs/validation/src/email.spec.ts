import { z } from 'zod';
import { email } from './email';
import { fieldRules } from './rule';

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
    // Compatibility forms of ASCII characters: the email goes to the normalized address.
    ['ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ', 'ada@example.com'],
    ['\u212Aelvin@example.com', 'kelvin@example.com'],
    ['o\uFB03ce@example.com', 'office@example.com'],
    ['ada@example\u3002com', 'ada@example.com'],
  ])('converts %j to %s', (text, address) => expect(email.parse(text)).toBe(address));

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
    // Lookalikes: Cyrillic а, dotless ı, İ, a hidden joiner.
    '\u0430da@example.com',
    'm\u0131ke@example.com',
    'M\u0130KE@example.com',
    'a\u200Dda@example.com',
    'stra\u00DFe@example.com',
    'ada@b\u00FC\u200Dcher.example',
    'ada@b\u00FC\u00ADcher.example',
    'ada@b\u00FCcher',
    'ada@b\u00FCcher..example',
    'ada@b\u00FCcher.example.',
    'ada@b\u00FCcher.example:8080',
    'ada@b\u00FCcher.example/path',
    'ada@b\u00FCcher.example%2Ecom',
    'ada@b\u00FC_cher.example',
    'ada@-b\u00FCcher.example',
    'ada@b\u00FCcher-.example',
    'ada@b\u00FC--cher.example',
    'ada@\u0308b.example',
    'ada@\u0661\u0662\u0667.\u0660.\u0660.\u0661',
    `ada@${'\u00FC'.repeat(63)}.example`,
    'ada@\u{1F4A9}.example',
    // Encoded words, which some mail software decodes into another address.
    '=?utf-8?q?ada=40evil.example=3e?=@example.com',
    'x=?utf-8?b?ywrh?=@example.com',
    '=?x@example.com',
    // Short before normalization, too long after it.
    `ada@${`${'\u00FC'.repeat(45)}.`.repeat(5)}example`,
    `${'\u33C6'.repeat(60)}@example.com`,
  ])('refuses %j', (text) => expect(messagesOf(email, text)).toEqual([fieldRules.email_invalid]));

  it.each([
    ['ada@b\u00FCcher.example', 'ada@xn--bcher-kva.example'],
    ['ada@xn--bcher-kva.example', 'ada@xn--bcher-kva.example'],
    ['Ada@B\u00DCCHER.Example', 'ada@xn--bcher-kva.example'],
    ['ada@bu\u0308cher.example', 'ada@xn--bcher-kva.example'],
    ['ada@b\u00FCcher\uFF0Eexample', 'ada@xn--bcher-kva.example'],
    ['ada@b\u00FCcher\uFF61example', 'ada@xn--bcher-kva.example'],
    // Not the final sigma that lowercasing would give.
    ['ada@\u038C\u0394\u039F\u03A3.example', 'ada@xn--pxawm7a.example'],
    ['ada@stra\u00DFe.example', 'ada@xn--strae-oqa.example'],
    ['ada@\u0915\u094D\u200D\u0937.example', 'ada@xn--11b2ezcw70k.example'],
    // A lookalike is another domain, and its A-label shows that.
    ['ada@ex\u0430mple.com', 'ada@xn--exmple-4nf.com'],
  ])('converts the domain of %j to A-labels', (text, address) => {
    expect(email.parse(text)).toBe(address);
    expect(email.parse(address)).toBe(address);
  });

  it('accepts 254 characters but not 255', () => {
    const address = (length: number) =>
      `${'a'.repeat(64)}@${`${'b'.repeat(60)}.`.repeat(3)}${'c'.repeat(length - 248)}`;
    expect(address(254)).toHaveLength(254);
    expect(accepts(email, address(254))).toBe(true);
    expect(accepts(email, address(255))).toBe(false);
  });
});
