import { conflictCatalogue } from './conflict-catalogue';
import type { ErrorDescription } from './error-description';

/**
 * Every error a client can meet, declared once. The code is stable; the rest is for people.
 * `detail` says what happened, why, and what to do. `docs/errors.md` lists the same codes, and a test compares the two.
 */
export const errorCatalogue = {
  malformed_json: {
    status: 400,
    title: 'The body is not valid JSON',
    detail: 'The request body could not be read as JSON. Check it with a JSON parser and send it again.',
  },
  malformed_request: {
    status: 400,
    title: 'The request could not be read',
    detail: 'The address, a header or the framing of the request is not valid HTTP. Check how the client builds it.',
  },
  token_invalid: {
    status: 400,
    title: 'The token is not valid',
    detail: 'The token is unknown, damaged, or was made for something else. Ask for a new one.',
  },
  token_expired: {
    status: 400,
    title: 'The token has expired',
    detail: 'The token was valid for a limited time, which has passed. Ask for a new one.',
  },
  token_used: {
    status: 400,
    title: 'The token was used already',
    detail: 'Each token works once. If you did not use it yourself, ask for a new one and review your account.',
  },
  oauth_failed: {
    status: 400,
    title: 'Signing in at the other provider did not succeed',
    detail:
      'The provider refused, the attempt took too long, or its answer does not belong to this browser. Start the sign-in again.',
  },
  passkey_rejected: {
    status: 400,
    title: 'The passkey was not accepted',
    detail:
      'The passkey is unknown here, or its answer does not belong to this attempt. Start again, or sign in another way.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign-in required',
    detail: 'The request carries no valid access token, or its session has ended. Sign in or refresh the session.',
  },
  invalid_credentials: {
    status: 401,
    title: 'Wrong e-mail address or password',
    detail: 'The address and the password do not belong together. Check both, or reset the password.',
  },
  refresh_token_invalid: {
    status: 401,
    title: 'The refresh token is not valid',
    detail: 'The refresh token is unknown or expired, or its session has ended. Sign in again.',
  },
  refresh_token_reused: {
    status: 401,
    title: 'The refresh token was used before',
    detail:
      'A refresh token that had been replaced was presented again, which is what a stolen one looks like. The session was ended. Sign in again.',
  },
  mfa_token_invalid: {
    status: 401,
    title: 'The sign-in has to begin again',
    detail: 'The token of this two-factor sign-in is unknown, expired or used. Sign in with the password again.',
  },
  invalid_code: {
    status: 401,
    title: 'Wrong code',
    detail: 'The code is wrong, expired or was used before. Wait for the next one, or use another method.',
  },
  email_not_verified: {
    status: 403,
    title: 'The e-mail address is not verified',
    detail:
      'The password is right, but the address has not been confirmed. Open the link in the mail, or ask for a new one.',
  },
  csrf_failed: {
    status: 403,
    title: 'The request did not come from an allowed page',
    detail:
      'A request with cookies must come from an allowed origin and carry the CSRF token in X-CSRF-Token. Get it from the response that signed you in, or from GET /auth/csrf-token.',
  },
  reauthentication_required: {
    status: 403,
    title: 'A recent sign-in is required',
    detail:
      'This act needs a sign-in of the last 10 minutes. Confirm who you are at /auth/reauthenticate, or sign in again, and repeat it.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key may not do this',
    detail:
      'The API key lacks the scope that this address needs, or the address takes no API keys. Use a key with the scope, or a session.',
  },
  oauth_email_unusable: {
    status: 403,
    title: 'The provider gave no usable email address',
    detail:
      'The provider sent no email address, or one that cannot receive email here. Correct it at the provider, or sign up with a password.',
  },
  oauth_email_not_verified: {
    status: 403,
    title: 'The provider has not verified the e-mail address',
    detail:
      'The provider does not say that the address is verified, so it proves nothing here. Verify it there, or sign up with a password.',
  },
  oauth_sign_in_not_recent: {
    status: 403,
    title: 'The provider did not confirm a new sign-in',
    detail:
      'The provider does not prove that you have just signed in there. Sign in again at the provider, or confirm who you are another way.',
  },
  identity_not_linked: {
    status: 403,
    title: 'The account at the provider is not linked to yours',
    detail:
      'Only an account at the provider that is linked to yours confirms who you are. Use a linked one, or confirm who you are another way.',
  },
  permission_denied: {
    status: 403,
    title: 'Your role does not allow this',
    detail:
      'Your role in the organization lacks the permission that this needs. Ask an owner or an admin of the organization.',
  },
  organization_suspended: {
    status: 403,
    title: 'The organization is suspended',
    detail: 'The organization has been suspended by the operators of this service. Ask its owners or the support.',
  },
  account_suspended: {
    status: 403,
    title: 'The account is suspended',
    detail: 'The account has been suspended by the operators of this service. Ask the support.',
  },
  invitation_email_mismatch: {
    status: 403,
    title: 'The invitation is for another address',
    detail:
      'The invitation was sent to another e-mail address than that of your account. Sign in with the invited address, or ask for a new invitation.',
  },
  impersonation_read_only: {
    status: 403,
    title: 'Somebody else’s account may only be looked at',
    detail:
      'A member of staff who acts as somebody may look, but not change anything. Ask for write access with a reason where it is needed.',
  },
  staff_mfa_required: {
    status: 403,
    title: 'Staff must sign in with a second factor',
    detail:
      'The routes of platform staff need a session that began with a second factor. Set one up, sign out, and sign in with it.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is nothing at this address, or you may not see it. Check the path and the id.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This address exists, but not with this method. The Allow header lists the ones it has.',
  },
  request_timeout: {
    status: 408,
    title: 'The request did not arrive in time',
    detail: 'The connection stayed open but the request was not sent completely. Send it again on a new connection.',
  },
  ...conflictCatalogue,
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    detail: 'The request body is over the limit for this address (100 kB unless documented otherwise). Send less.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'This address takes application/json. Set Content-Type to it and send JSON.',
  },
  expectation_failed: {
    status: 417,
    title: 'The expectation cannot be met',
    detail: 'The Expect header asks for something other than 100-continue. Send the request without the header.',
  },
  validation_failed: {
    status: 422,
    title: 'Some fields are not valid',
    detail: 'At least one field is missing, unknown or not valid. `errors` names each one.',
  },
  image_rejected: {
    status: 422,
    title: 'The picture cannot be used',
    detail: 'The file is no JPEG, PNG, WebP or AVIF picture, is damaged, or has too many pixels. Choose another one.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key belongs to another request',
    detail: 'The same Idempotency-Key was sent before with another body or address. Use a new key for a new request.',
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many failed attempts',
    detail:
      'Signing in to this account is paused after failed attempts. Wait as long as Retry-After says, or use a mailed sign-in link.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'The limit for this client or account is reached. Wait as long as Retry-After says, then go on.',
  },
  headers_too_large: {
    status: 431,
    title: 'The headers are too large',
    detail: 'The headers of the request are over 16 kB in all. Send fewer or smaller ones, cookies among them.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: 'The request failed for a reason that is not yours. Try again; if it stays, report the requestId.',
  },
  service_unavailable: {
    status: 503,
    title: 'The service is not available right now',
    detail:
      'A part that the request needs is down, late or busy. Try again after Retry-After seconds, a change with the same Idempotency-Key, so that it happens once.',
  },
} as const satisfies Record<string, ErrorDescription>;
