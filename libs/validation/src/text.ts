import { z } from 'zod';

/** A person's or a thing's name: one line, 1 to 100 characters, no control or direction-changing characters, no addresses. */
export const displayName = z
  .string()
  .transform((value) => value.normalize('NFC').trim().replaceAll(/\s+/gu, ' '))
  .pipe(z.string().min(1).max(100))
  .refine((value) => !/[\p{Cc}\p{Cf}]/u.test(value), { error: 'Control characters are not allowed.' })
  // Names stand in mails that we send: one with a link would turn the registration form into a spam relay.
  .refine((value) => !/https?:|www\.|[/\\<>]/iu.test(value), { error: 'Links are not allowed in a name.' })
  .meta({ minLength: 1, maxLength: 100, examples: ['Ada Lovelace'] });
