import { z } from 'zod';
import { currentPassword, newPassword, passwordLength } from './password';
import { fieldRules } from './rule';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const messagesOf = (schema: z.ZodType, value: unknown) =>
  schema.safeParse(value).error?.issues.map(({ message }) => message);

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
  ])('can be %j', (text) => expect(accepts(newPassword, text)).toBe(true));

  it('has 8 to 128 characters, and an emoji counts as one', () => {
    const distinct = (length: number) =>
      Array.from({ length }, (_, index) => String.fromCodePoint(0x1f300 + ((index * 37) % 500))).join('');
    expect(messagesOf(newPassword, distinct(7))).toEqual([fieldRules.password_too_short]);
    expect(accepts(newPassword, distinct(8))).toBe(true);
    expect(accepts(newPassword, distinct(passwordLength.max))).toBe(true);
    expect(messagesOf(newPassword, distinct(passwordLength.max + 1))).toEqual([fieldRules.password_too_long]);
  });

  it.each(['\ud800\ud801 horse', 'correct \udc00 horse', 'correct horse\ud83d'])(
    'cannot contain half a surrogate pair, because all halves hash alike: %#',
    (text) => {
      const told = [fieldRules.invalid_unicode];
      expect(messagesOf(newPassword, text)).toEqual(told);
      expect(messagesOf(currentPassword, text)).toEqual(told);
    },
  );

  it('is the same from every keyboard', () => {
    expect(newPassword.parse('cafe\u0301 noir')).toBe(newPassword.parse('caf\u00E9 noir'));
    expect(newPassword.parse('ｃｏｒｒｅｃｔ horse')).toBe('correct horse');
    expect(newPassword.parse(' Correct Horse ')).toBe(' Correct Horse ');
  });

  it.each([
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
  ])('cannot be %j, a run or a repetition', (text) => {
    expect(messagesOf(newPassword, text)).toEqual([fieldRules.password_common]);
  });

  it('is not restricted, only normalized, when it is compared', () => {
    expect(currentPassword.parse('x')).toBe('x');
    expect(currentPassword.parse('ｘ')).toBe('x');
    expect(currentPassword.parse('password')).toBe('password');
    expect(accepts(currentPassword, '')).toBe(false);
    expect(accepts(currentPassword, 'x'.repeat(513))).toBe(false);
  });
});
