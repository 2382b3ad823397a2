import { currentPassword } from '#libs/validation';
import { z } from 'zod';
import { defineRpc } from '../../rpc';
import { recoveryCode, totpCode } from './mfa';
import { assertionResponse, passkeyRequestOptions } from './webauthn';

/** A new access token for the same session. `expiresIn` is in seconds. */
export const accessTokenResponse = z
  .strictObject({ accessToken: z.string(), tokenType: z.literal('Bearer'), expiresIn: z.int() })
  .meta({ id: 'AccessToken' });
export type AccessTokenResponse = z.output<typeof accessTokenResponse>;

/** Step-up authentication: the password, plus a code or recovery code if two-factor authentication is on. */
export const reauthenticate = defineRpc('auth', 'reauthenticate', {
  http: {
    id: 'reauthentication.verify',
    post: '/auth/reauthenticate',
    limits: ['sensitive'],
    summary: 'Re-authenticate with your password',
    description: 'Returns an access token for the same session that counts as a recent sign-in for ten minutes.',
  },
  access: 'user',
  effect: 'personal',
  request: z.strictObject({
    password: currentPassword,
    code: totpCode.exactOptional(),
    recoveryCode: recoveryCode.exactOptional(),
  }),
  response: accessTokenResponse,
  errors: ['invalid_credentials', 'invalid_code', 'too_many_attempts', 'password_not_set'],
});

/** Asks for one of the user's own passkeys. */
export const beginPasskeyReauthentication = defineRpc('auth', 'beginPasskeyReauthentication', {
  http: {
    id: 'reauthentication.passkeyOptions',
    post: '/auth/reauthenticate/passkey/options',
    limits: ['sensitive'],
    summary: 'Start re-authentication with a passkey',
    description:
      'Pass the response to `navigator.credentials.get({ publicKey })`. The challenge expires after 5 minutes. Use this if your account has no password.',
  },
  access: 'user',
  effect: 'personal',
  request: z.strictObject({}),
  response: passkeyRequestOptions,
});

/** As at sign-in, a passkey with user verification counts as two factors, so no password or code is needed. */
export const reauthenticateWithPasskey = defineRpc('auth', 'reauthenticateWithPasskey', {
  http: {
    id: 'reauthentication.passkey',
    post: '/auth/reauthenticate/passkey',
    limits: ['sensitive'],
    summary: 'Re-authenticate with a passkey',
    description: '`response` is the credential as returned by its `toJSON()`. No password and no code is needed.',
  },
  access: 'user',
  effect: 'personal',
  request: z.strictObject({ response: assertionResponse }),
  response: accessTokenResponse,
  errors: ['passkey_rejected'],
});
