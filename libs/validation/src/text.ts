import { z } from 'zod';
import { hasInvisible } from './invisible';

const maxLength = 100;

// A bare domain is turned into a link by mail programs too. `J. R. R.` and `St. John` pass.
const link = /[a-z]:\/\/|https?:|www\.|[/\\<>]|[\p{L}\p{N}-]{2}[.。．｡]\p{L}{2}/iu;

/** Text without control characters and half surrogate pairs: PostgreSQL takes no NUL in any text, and UTF-8 cannot carry half a pair. */
export const controlFree = /^[^\p{Cc}\p{Cs}]*$/u;

/** A person's or a thing's name: one line, 1 to 100 Unicode code points, at least one letter or digit, no unprintable characters, no addresses. */
export const displayName = z
  .string()
  .max(maxLength * 10)
  .meta({ minLength: 1, maxLength, examples: ['Ada Lovelace'] })
  .transform((value) => value.normalize('NFC').trim().replaceAll(/\s+/gu, ' '))
  .pipe(z.string().min(1, { abort: true }))
  .refine((value) => [...value].length <= maxLength, { error: 'At most 100 characters.', abort: true })
  .refine((value) => !hasInvisible(value), { error: 'Contains invisible characters. Remove them.' })
  .refine((value) => /[\p{L}\p{N}]/u.test(value), { error: 'At least one letter or digit.' })
  // Names stand in mails that we send: one with a link would turn the registration form into a spam relay.
  .refine((value) => !link.test(value), { error: 'Links are not allowed in a name. Put a blank after a dot.' });
