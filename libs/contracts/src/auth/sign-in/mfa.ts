import { rule } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { oneTimeToken } from './email-verification';
import { session } from '../session/session';
import { assertionResponse } from './webauthn';

/** Six digits (RFC 6238). Spaces are ignored. */
export const totpCode = z
  .string()
  .max(16)
  .transform((text) => text.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, { error: 'Six digits.' }))
  .meta({ examples: ['123456'] });

/** Such as `ABCD-EFGH-IJKL-MNOP-QRST-UVWX`, or 16 characters in older sets. Case, spaces and hyphens are ignored. */
export const recoveryCode = z
  .string()
  .max(64)
  .transform((text) => text.replaceAll(/[\s-]/g, '').toUpperCase())
  .pipe(z.string().regex(/^[A-Z2-7]{16}([A-Z2-7]{8})?$/, { error: 'Twenty-four letters and digits.' }))
  .meta({ examples: ['ABCD-EFGH-IJKL-MNOP-QRST-UVWX'] });

const proof = { code: totpCode.exactOptional(), recoveryCode: recoveryCode.exactOptional() };
export type CodeProof = z.output<z.ZodObject<typeof proof>>;

/**
 * A recovery code always works in place of a code, so that a user who lost the authenticator app can set
 * up another one.
 */
const codeProof = z.strictObject(proof).refine((given) => Object.keys(given).length === 1, rule('one_proof_required'));

const oneFactor = (given: object) => Object.keys(given).length === 2;

/**
 * Completes a sign-in: `mfaToken` with either a code, a recovery code, or a passkey's response to
 * `passkeyOptions`.
 */
export const completeMfa = defineRpc('auth', 'completeMfa', {
  http: {
    id: 'mfa.verify',
    post: '/auth/mfa',
    limits: ['login'],
    summary: 'Complete a sign-in with a second factor',
    description: 'Takes the `mfaToken` and a code, a recovery code, or a passkey response.',
  },
  access: 'public',
  request: z
    .strictObject({
      mfaToken: oneTimeToken,
      ...proof,
      passkey: assertionResponse.exactOptional(),
    })
    .refine(oneFactor, rule('one_proof_required')),
  response: session,
  errors: ['mfa_token_invalid', 'invalid_code', 'passkey_rejected', 'too_many_attempts', 'account_suspended'],
});

/**
 * `secret` is base32 for typing. `otpauthUrl` is the content of the QR code. This is the only response
 * that contains them.
 */
export const totpEnrollment = z
  .strictObject({
    secret: z.string(),
    otpauthUrl: z.string(),
    /** The QR code as a PNG data URI and as an SVG document. */
    qr: z.strictObject({ png: z.string(), svg: z.string() }),
  })
  .meta({ id: 'TotpEnrollment' });

export const beginTotp = defineRpc('auth', 'beginTotp', {
  http: {
    id: 'totp.start',
    post: '/users/me/mfa/totp',
    limits: ['sensitive'],
    summary: 'Start setting up an authenticator app',
    description:
      "The secret is shown only in this response. Sign-in doesn't ask for a code until you confirm the first one.",
  },
  access: 'recent',
  request: z.strictObject({}),
  response: totpEnrollment,
  errors: ['mfa_already_enabled'],
});

/** Shown only once. Each works once in place of a code. */
export const recoveryCodes = z.strictObject({ recoveryCodes: z.array(z.string()) }).meta({ id: 'RecoveryCodes' });

export const confirmTotp = defineRpc('auth', 'confirmTotp', {
  http: {
    id: 'totp.confirm',
    post: '/users/me/mfa/totp/confirm',
    limits: ['sensitive'],
    summary: 'Turn on two-factor authentication',
    description:
      'Takes a first code from the authenticator app. Returns ten recovery codes, shown only in this response.',
  },
  access: 'recent',
  request: z.strictObject({ code: totpCode }),
  response: recoveryCodes,
  errors: ['invalid_code', 'mfa_already_enabled', 'mfa_not_enabled', 'too_many_attempts'],
});

export const removeTotp = defineRpc('auth', 'removeTotp', {
  http: {
    id: 'totp.delete',
    delete: '/users/me/mfa/totp',
    limits: ['sensitive'],
    summary: 'Turn off two-factor authentication',
    description: 'Removes the authenticator app and its recovery codes.',
  },
  access: 'recent',
  request: codeProof,
  response: z.null(),
  errors: ['invalid_code', 'mfa_not_enabled', 'too_many_attempts'],
});

/** Also needs a code, because an unattended session must not be enough. */
export const replaceRecoveryCodes = defineRpc('auth', 'replaceRecoveryCodes', {
  http: {
    id: 'recoveryCodes.replace',
    post: '/users/me/mfa/recovery-codes',
    limits: ['sensitive'],
    summary: 'Replace your recovery codes',
    description: 'The old codes stop working. The new ones are shown only in this response.',
  },
  access: 'recent',
  request: codeProof,
  response: recoveryCodes,
  errors: ['invalid_code', 'mfa_not_enabled', 'too_many_attempts'],
});
