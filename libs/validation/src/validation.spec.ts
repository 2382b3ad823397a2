import { z } from 'zod';
import { avatarUrl, currentPassword, displayName, email, locale, mailedName, newPassword } from './index';

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;

/** Returns the definition of a named schema if it is the root. */
const inputSchema = (schema: z.ZodType) => {
  const { $defs = {}, ...root } = z.toJSONSchema(schema, { io: 'input' });
  return Object.values($defs)[0] ?? root;
};

const schemas = { email, newPassword, currentPassword, displayName, mailedName, locale, avatarUrl };

describe('every schema', () => {
  const each = Object.entries(schemas);

  it.each(each)('refuses values that are not text: %s', (_name, schema) => {
    for (const value of [undefined, null, 0, true, [], ['a@example.com'], {}, { toString: () => 'a@example.com' }]) {
      expect(accepts(schema, value)).toBe(false);
    }
  });

  it.each(each)('refuses an input that is too long before normalizing or checking it: %s', (_name, schema) => {
    for (const part of ['a', 'a@', 'a.', '@', ' ', '\t', '-', 'ﷺ', '\u0301', 'https://a.']) {
      for (const text of [part.repeat(10_000), part.repeat(1_000_000)]) {
        expect(schema.safeParse(text).error?.issues.map(({ code }) => code)).toEqual([
          schema === locale ? 'invalid_value' : 'too_big',
        ]);
      }
    }
  });

  it.each(each)('has a JSON schema of its input: %s', (_name, schema) => {
    expect(inputSchema(schema)).toMatchObject({ type: 'string' });
  });

  it('has length, format and an example in its JSON schema', () => {
    const input = inputSchema;
    expect(input(email)).toMatchObject({ format: 'email', maxLength: 254, examples: ['ada@example.com'] });
    expect(input(newPassword)).toMatchObject({ format: 'password', minLength: 8, maxLength: 128 });
    expect(input(displayName)).toMatchObject({ minLength: 1, maxLength: 100, examples: ['Ada Lovelace'] });
    expect(input(avatarUrl)).toMatchObject({ format: 'uri', maxLength: 2048 });
    expect(input(locale)).toMatchObject({ enum: ['en', 'de'] });
  });

  it('accepts its own output unchanged, because every process on the way parses again', () => {
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
