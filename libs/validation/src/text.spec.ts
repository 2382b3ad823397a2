import { z } from 'zod';
import { displayName } from './text';
import { fieldRules } from './rule';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message);

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
    ['X Æ A-12', 'X Æ A-12'],
    ['7 & Sons, Ltd.', '7 & Sons, Ltd.'],
    ['Robert"); DROP TABLE users;--', 'Robert"); DROP TABLE users;--'],
    ['CI/CD', 'CI/CD'],
    ['<build> \\ deploy.yml', '<build> \\ deploy.yml'],
    ['github.com deploy key', 'github.com deploy key'],
  ])('converts %j to %j', (text, name) => expect(displayName.parse(text)).toBe(name));

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
    'Ada\u00ADLovelace',
    'Ada\u{E0041}',
    'Ada\uD800',
    'Ada\uE000',
    'x'.repeat(101),
    '👩🏽'.repeat(51),
  ])('refuses %j', (text) => expect(accepts(displayName, text)).toBe(false));

  it('counts code points, at most 100 in any script', () => {
    expect(accepts(displayName, '𠮷'.repeat(100))).toBe(true);
    expect(messagesOf(displayName, '𠮷'.repeat(101))).toEqual([fieldRules.name_too_long]);
  });
});
