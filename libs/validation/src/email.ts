import { z } from 'zod';

// RFC 5321 section 4.1.2, Mailbox, without quoted local parts and address literals; lengths from section 4.5.3.1 and RFC 1035.
const localPart = /^(?=.{1,64}$)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/;
const maxLength = 254;

/**
 * An e-mail address as an account's name: NFKC-normalised and in lower case, so that one mailbox makes one account, and
 * mail goes to the very text that was compared. At most 254 characters (RFC 5321 section 4.5.3.1.3 less the angle
 * brackets). ASCII only: a look-alike in another script would be another mailbox under the same appearance.
 */
export const email = z
  .string()
  .max(maxLength)
  .meta({ format: 'email', examples: ['ada@example.com'] })
  .transform((value) => value.trim().normalize('NFKC').toLowerCase())
  .refine(isAddress, { error: 'Not an e-mail address.' });

function isAddress(value: string): boolean {
  const at = value.lastIndexOf('@');
  // Normalising can make it longer: ⑽ becomes (10).
  return (
    value.length <= maxLength && localPart.test(value.slice(0, Math.max(at, 0))) && domain.test(value.slice(at + 1))
  );
}
