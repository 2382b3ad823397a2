import { z } from 'zod';
import { rule } from './rule';

// The Mailbox of RFC 5321 section 4.1.2 without quoted local parts and address literals. Lengths: section
// 4.5.3.1 and RFC 1035.
// `=?` is refused, because some mail servers decode it as an encoded word (RFC 2047) and deliver to another address.
const localPart = /^(?=.{1,64}$)(?!.*=\?)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])$/;
// Letters, marks, digits, hyphens, and the contextual characters of RFC 5892 appendix A. Hyphens follow
// RFC 5891 section 4.2.3.1.
const unicodeLabel =
  /^(?![-\p{M}])(?!..--)[\p{L}\p{M}\p{N}\u{200c}\u{200d}\u{b7}\u{375}\u{5f3}\u{5f4}\u{30fb}-]+(?<!-)$/u;
const maxLength = 254;

/**
 * An email address in NFKC and lowercase, so that one mailbox has one account and email goes to the text
 * that was compared. At most 254 characters (RFC 5321 section 4.5.3.1.3 without the angle brackets).
 * The local part is ASCII. The domain becomes A-labels (RFC 5891): `bücher.example` equals its xn-- form,
 * and lookalikes differ.
 */
export const email = z
  .string()
  .max(maxLength)
  .meta({ format: 'email', examples: ['ada@example.com'] })
  .transform(normalize)
  .refine(isAddress, rule('email_invalid'));

function normalize(value: string): string {
  const text = value.trim().normalize('NFKC');
  const at = text.lastIndexOf('@') + 1;
  return text.slice(0, at).toLowerCase() + toAsciiDomain(text.slice(at));
}

/** Returns a domain without an A-label form unchanged. The next check refuses it. */
function toAsciiDomain(text: string): string {
  if (!/\P{ASCII}/u.test(text)) return text.toLowerCase();
  const isDomain = text.split(/[.\u3002]/u).every((label) => /^[a-z0-9-]+$/i.test(label) || unicodeLabel.test(label));
  // The URL parser converts domains by UTS 46 in every browser and in Node.js. It does not check lengths.
  return isDomain ? (URL.parse(`https://${text}`)?.hostname ?? text) : text;
}

function isAddress(value: string): boolean {
  const at = value.lastIndexOf('@');
  // Normalization can make it longer: ⑽ becomes (10), and an A-label is longer than its text.
  return (
    value.length <= maxLength && localPart.test(value.slice(0, Math.max(at, 0))) && domain.test(value.slice(at + 1))
  );
}
