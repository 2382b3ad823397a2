import { z } from 'zod';

const addrSpec = z.email();

/**
 * An e-mail address as an account's name: NFKC-normalised and in lower case, so that one mailbox makes one account.
 * At most 254 characters (RFC 5321 section 4.5.3.1.3 less the angle brackets). ASCII only: a look-alike in another
 * script would be another mailbox under the same appearance.
 */
export const email = z
  .string()
  .max(254)
  .transform((value) => value.trim().normalize('NFKC').toLowerCase())
  .refine((value) => addrSpec.safeParse(value).success, { error: 'Not an e-mail address.' })
  .meta({ format: 'email', examples: ['ada@example.com'] });
