import { email } from '#libs/validation';
import { z } from 'zod';

// Text that PostgreSQL stores unchanged. U+FFFD replaces invalid UTF-8, so two subjects that contain it could be two
// users.
const faithful = /^[^\p{Cc}\p{Cs}\ufffd]+$/u;
const text = (longest: number) => z.string().max(longest).regex(faithful).optional().catch(undefined);

/** An issuer's claims about a user (OpenID Connect Core section 5.1). An unusable claim counts as missing. */
export const personClaims = z.object({
  /** Case-sensitive, at most 255 characters (section 2). Required. */
  sub: z.string().max(255).regex(faithful),
  email: z.string().max(1_000).pipe(email).optional().catch(undefined),
  // Some issuers send "true", or set it for unverified email addresses. Only the standard's value counts.
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

/** A user at an issuer. `issuer` and `subject` identify the user; the rest are the issuer's claims. */
export interface VerifiedIdentity {
  readonly issuer: string;
  readonly subject: string;
  /** Normalized like an account's email address. Null if there is no usable one. */
  readonly email: string | null;
  readonly emailVerified: boolean;
  /** When the user signed in there, in seconds since 1970. Null if the issuer does not say. */
  readonly authenticatedAt: number | null;
  /** Possible names, best first. They may not be valid names here. */
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

/** Many issuers send only the parts of a name (section 5.1). */
function namesOf({ name, given_name: given, family_name: family }: Partial<PersonClaims>): string[] {
  const both = given !== undefined && family !== undefined ? `${given} ${family}` : undefined;
  return [name, both, given, family].filter((candidate) => candidate !== undefined);
}
