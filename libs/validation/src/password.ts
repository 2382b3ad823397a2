import { z } from 'zod';
import { rule } from './rule';

export const passwordLength = { min: 8, max: 128 } as const;

/**
 * A new password by NIST SP 800-63B-3 section 5.1.1.2: 8 to 128 Unicode code points, any character, no
 * composition rules. NFKC makes it the same on every keyboard. Runs and repetitions are refused. The auth
 * service checks lists of common and leaked passwords.
 * Revision 4, section 3.1.1.2, asks for 15 characters if no second factor follows: raise `min` for it.
 */
export const newPassword = z
  .string()
  .max(passwordLength.max * 4, { abort: true })
  .refine(isWellFormed, { ...rule('invalid_unicode'), abort: true })
  .meta({ minLength: passwordLength.min, maxLength: passwordLength.max, format: 'password' })
  .transform((value) => value.normalize('NFKC'))
  .refine((value) => [...value].length >= passwordLength.min, { ...rule('password_too_short'), abort: true })
  .refine((value) => [...value].length <= passwordLength.max, { ...rule('password_too_long'), abort: true })
  .refine((value) => !isMonotonous(value), rule('password_common'));

/** A password to compare. Any wrong password gets the same error, whatever its length. */
export const currentPassword = z
  .string()
  .min(1)
  .max(passwordLength.max * 4, { abort: true })
  .refine(isWellFormed, { ...rule('invalid_unicode'), abort: true })
  .meta({ format: 'password' })
  .transform((value) => value.normalize('NFKC'));

/**
 * The hash uses UTF-8, where every half of a surrogate pair becomes U+FFFD, so such passwords would match
 * each other.
 */
function isWellFormed(password: string): boolean {
  return password.isWellFormed();
}

function isMonotonous(password: string): boolean {
  const lowerCase = password.toLowerCase();
  return isRepetition(lowerCase) || isRun(lowerCase);
}

/** `aaaaaaaa`, `12121212`, `abc1abc1`: repetitions of up to four characters. */
function isRepetition(text: string): boolean {
  return [1, 2, 3, 4].some((period) => text.startsWith(text.slice(period)));
}

/** `12345678`, `hgfedcba`, `1234567890`: every step is the same, except for one jump. */
function isRun(text: string): boolean {
  const codes = Array.from(text, (character) => character.charCodeAt(0));
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0));
  return [1, -1].some((step) => steps.filter((actual) => actual !== step).length <= 1);
}
