import { z } from 'zod';
import { hasInvisible } from './invisible';
import { rule } from './rule';

const maxLength = 100;

/**
 * Text without control characters and unpaired surrogates. PostgreSQL stores no NUL, and UTF-8 can't
 * encode an unpaired surrogate.
 */
export const controlFree = /^[^\p{Cc}\p{Cs}]*$/u;

/** A name: one line, 1 to 100 code points, at least one letter or digit, no invisible characters. */
export const displayName = z
  .string()
  .max(maxLength * 10)
  .meta({ minLength: 1, maxLength, examples: ['Ada Lovelace'] })
  .transform((value) => value.normalize('NFC').trim().replaceAll(/\s+/gu, ' '))
  .pipe(z.string().min(1, { abort: true }))
  .refine((value) => [...value].length <= maxLength, { ...rule('name_too_long'), abort: true })
  .refine((value) => !hasInvisible(value), rule('invisible_characters'))
  .refine((value) => /[\p{L}\p{N}]/u.test(value), rule('no_letter_or_digit'));
