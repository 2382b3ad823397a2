import { email } from '#libs/validation';
import { z } from 'zod';

// What PostgreSQL stores and compares as it came. U+FFFD is what decoding leaves of bytes that are not UTF-8: two subjects with
// it could be two people.
const faithful = /^[^\p{Cc}\p{Cs}\ufffd]+$/u;
const text = (longest: number) => z.string().max(longest).regex(faithful).optional().catch(undefined);

/** What an issuer says of a person (OpenID Connect Core section 5.1). A claim that can't be used is as good as missing. */
export const personClaims = z.object({
  /** Case-sensitive, 255 characters at most (section 2). Without a usable one there is nobody to sign in. */
  sub: z.string().max(255).regex(faithful),
  email: z.string().max(1_000).pipe(email).optional().catch(undefined),
  // Some say "true", and some say it of addresses that anybody may enter: only the value of the standard counts.
  email_verified: z.literal(true).optional().catch(undefined),
  name: text(1_000),
  given_name: text(1_000),
  family_name: text(1_000),
});
export type PersonClaims = z.output<typeof personClaims>;

export const idTokenClaims = personClaims.extend({
  iss: z.string().max(2_048).regex(faithful),
  /** In seconds since 1970, until the year 9999. */
  auth_time: z.int().min(0).max(253_402_300_799).optional().catch(undefined),
});

/** Somebody at an issuer: `issuer` and `subject` together are who it is, the rest is what the issuer says of them. */
export interface VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** As an account's email address is stored; null without a usable one. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When they signed in there, in seconds since 1970; null when the issuer does not say. */
  readonly authenticatedAt: number | null;
  /** What the person may be called, the best first. Nothing says that they are good names here. */
  readonly names: readonly string[];
}

export function identityOf(
  { iss, sub, auth_time }: z.output<typeof idTokenClaims>,
  { email_verified, ...person }: PersonClaims,
): VerifiedIdentity {
  return {
    issuer: iss,
    subject: sub,
    email: person.email ?? null,
    emailVerified: email_verified === true,
    authenticatedAt: auth_time ?? null,
    names: namesOf(person),
  };
}

/** Many issuers give the parts of a name only (section 5.1). */
function namesOf({ name, given_name: given, family_name: family }: Partial<PersonClaims>): string[] {
  const both = given !== undefined && family !== undefined ? `${given} ${family}` : undefined;
  return [name, both, given, family].filter((candidate) => candidate !== undefined);
}
