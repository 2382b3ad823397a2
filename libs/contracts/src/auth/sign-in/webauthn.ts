import { z } from 'zod';

/**
 * The messages of browsers and authenticators in the JSON of WebAuthn Level 3 (section 5.1), as used by
 * `PublicKeyCredential.parseCreationOptionsFromJSON()`, `parseRequestOptionsFromJSON()` and `toJSON()`.
 */

/** A credential id has at most 1023 bytes (section 5.8.3). */
const credentialId = base64url(1_364);
/** 32 random bytes. */
const challenge = base64url(64);
/** Unknown names must be kept (section 5.8.4). */
const transports = z.array(z.string().regex(/^[a-z][a-z-]{0,31}$/)).max(10);
const userVerification = z.enum(['required', 'preferred']);
/** In milliseconds. */
const timeout = z.int();

const descriptor = z.strictObject({ type: z.literal('public-key'), id: credentialId, transports });
export type PasskeyDescriptor = z.output<typeof descriptor>;

/** For `navigator.credentials.create({ publicKey })`. */
export const passkeyCreationOptions = z
  .strictObject({
    rp: z.strictObject({ id: z.string(), name: z.string() }),
    user: z.strictObject({ id: base64url(86), name: z.string(), displayName: z.string() }),
    challenge,
    pubKeyCredParams: z.array(z.strictObject({ type: z.literal('public-key'), alg: z.int() })),
    timeout,
    excludeCredentials: z.array(descriptor),
    authenticatorSelection: z.strictObject({
      residentKey: z.literal('required'),
      requireResidentKey: z.literal(true),
      userVerification,
    }),
    attestation: z.literal('none'),
  })
  .meta({ id: 'PasskeyCreationOptions' });
export type PasskeyCreationOptions = z.output<typeof passkeyCreationOptions>;

/**
 * For `navigator.credentials.get({ publicKey })`. Without `allowCredentials` the user chooses among the
 * passkeys of this site.
 */
export const passkeyRequestOptions = z
  .strictObject({ rpId: z.string(), challenge, timeout, allowCredentials: z.array(descriptor), userVerification })
  .meta({ id: 'PasskeyRequestOptions' });
export type PasskeyRequestOptions = z.output<typeof passkeyRequestOptions>;

/**
 * A new passkey in the format of `toJSON()`. Other members, including those of future browsers, are
 * allowed but dropped at the gateway.
 */
export const registrationResponse = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4_096),
    attestationObject: base64url(16_384),
    transports: transports.default([]),
  }),
});
export type RegistrationResponse = z.output<typeof registrationResponse>;

/** A passkey's response to a challenge, in the format of `toJSON()`. Other members are allowed but dropped. */
export const assertionResponse = z.object({
  id: credentialId,
  rawId: credentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4_096),
    authenticatorData: base64url(2_048),
    signature: base64url(2_048),
    // Browsers without toJSON() send null.
    userHandle: base64url(86).nullable().default(null),
  }),
});
export type AssertionResponse = z.output<typeof assertionResponse>;

function base64url(maxLength: number) {
  return z.base64url().min(1).max(maxLength);
}
