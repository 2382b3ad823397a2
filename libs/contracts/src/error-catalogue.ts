import { conflictCatalogue } from './conflict-catalogue';
import type { ErrorDescription } from './error-description';

/**
 * Every error that a client can get, declared once. The code is stable. Title and detail are for people.
 * `detail` says what happened and what to do. `docs/errors.md` lists the same codes, and a test compares the two.
 */
export const errorCatalogue = {
  malformed_json: {
    status: 400,
    title: 'The request body is not valid JSON',
    detail: 'The request body could not be parsed as JSON. Fix the body before retrying.',
  },
  malformed_request: {
    status: 400,
    title: 'The request is not valid HTTP',
    detail:
      'The URL, a header, or the framing of the request is not valid HTTP. Check how your client builds requests.',
  },
  token_invalid: {
    status: 400,
    title: 'The token is not valid',
    detail: 'The token is unknown, incomplete, or was issued for another purpose. Request a new one.',
  },
  token_expired: {
    status: 400,
    title: 'The token has expired',
    detail: 'Tokens are valid for a limited time, and this one has expired. Request a new one.',
  },
  token_used: {
    status: 400,
    title: 'The token has already been used',
    detail: 'Each token works once. If you did not use it yourself, request a new one and review your security log.',
  },
  oauth_failed: {
    status: 400,
    title: 'Signing in with the provider failed',
    detail:
      'The provider denied the request, the sign-in took too long, or it was started in another browser. Start the sign-in again.',
  },
  passkey_rejected: {
    status: 400,
    title: 'The passkey was not accepted',
    detail:
      'The passkey is not registered here, or its response does not match this attempt. Start again, or sign in another way.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication required',
    detail:
      'The request has no valid access token, or the session has ended. Sign in, or refresh the session and try again.',
  },
  invalid_credentials: {
    status: 401,
    title: 'Wrong email address or password',
    detail: 'The email address and the password do not match. Check both, or reset your password.',
  },
  refresh_token_invalid: {
    status: 401,
    title: 'The refresh token is not valid',
    detail: 'The refresh token is unknown or expired, or its session has ended. Sign in again.',
  },
  refresh_token_reused: {
    status: 401,
    title: 'The refresh token has already been used',
    detail:
      'A refresh token was used a second time, which can mean that it was stolen. The session was revoked. Sign in again.',
  },
  mfa_token_invalid: {
    status: 401,
    title: 'The two-factor sign-in has expired',
    detail: 'The token of this two-factor sign-in is unknown, expired, or already used. Start the sign-in again.',
  },
  invalid_code: {
    status: 401,
    title: 'Wrong code',
    detail: 'The code is wrong, expired, or already used. Wait for the next code, or use another method.',
  },
  email_not_verified: {
    status: 403,
    title: 'The email address is not verified',
    detail:
      'The password is correct, but the email address is not verified. Open the link in the verification email, or request a new one.',
  },
  csrf_failed: {
    status: 403,
    title: 'The CSRF check failed',
    detail:
      'A request with cookies must come from an allowed origin and send the CSRF token in X-CSRF-Token. Get the token from the sign-in response or from GET /auth/csrf-token.',
  },
  reauthentication_required: {
    status: 403,
    title: 'Recent authentication required',
    detail:
      'This action requires that you authenticated within the last 10 minutes. Re-authenticate at /auth/reauthenticate or sign in again, then retry.',
  },
  insufficient_scope: {
    status: 403,
    title: 'The API key does not have the required scope',
    detail:
      'The API key does not have the scope that this route requires, or the route does not accept API keys. Use a key with that scope, or a session.',
  },
  oauth_email_unusable: {
    status: 403,
    title: 'The provider sent no usable email address',
    detail:
      'The provider sent no email address, or one that is not supported here. Correct it at the provider, or sign up with a password.',
  },
  oauth_email_not_verified: {
    status: 403,
    title: 'The email address is not verified at the provider',
    detail:
      'The provider does not confirm that the email address is yours. Verify it at the provider, or sign up with a password.',
  },
  oauth_sign_in_not_recent: {
    status: 403,
    title: 'The provider did not confirm a new sign-in',
    detail:
      'The provider did not prove that you just signed in there. Sign in at the provider again, or re-authenticate another way.',
  },
  identity_not_linked: {
    status: 403,
    title: 'The provider account is not linked to your account',
    detail:
      'You can re-authenticate only with a provider account that is linked to yours. Use a linked one, or re-authenticate another way.',
  },
  permission_denied: {
    status: 403,
    title: 'Permission denied',
    detail: 'Your role does not have the required permission. Ask an owner or an admin of the organization.',
  },
  organization_suspended: {
    status: 403,
    title: 'The organization is suspended',
    detail: 'The operators of this service suspended the organization. Contact its owners or support.',
  },
  account_suspended: {
    status: 403,
    title: 'The account is suspended',
    detail: 'The operators of this service suspended the account. Contact support.',
  },
  invitation_email_mismatch: {
    status: 403,
    title: 'The invitation is for another email address',
    detail:
      'The invitation was sent to an email address that is not the one of your account. Sign in with the invited address, or ask for a new invitation.',
  },
  impersonation_read_only: {
    status: 403,
    title: 'This impersonation is read-only',
    detail: 'You can read this account, but not change it. To make changes, start an impersonation with write access.',
  },
  staff_mfa_required: {
    status: 403,
    title: 'Staff must sign in with two-factor authentication',
    detail:
      'Staff routes require a session that was started with two-factor authentication. Set it up, sign out, and sign in with it.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'Nothing exists at this path, or you do not have access to it. Check the path and the id.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    detail: 'This path does not support the method of the request. The Allow header lists the supported methods.',
  },
  request_timeout: {
    status: 408,
    title: 'The request timed out',
    detail: 'The server did not receive the complete request in time. Send it again on a new connection.',
  },
  ...conflictCatalogue,
  payload_too_large: {
    status: 413,
    title: 'The request body is too large',
    detail:
      'The request body is larger than this route accepts (100 kB unless documented otherwise). Send a smaller body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'This route accepts application/json only. Send JSON and set Content-Type to application/json.',
  },
  expectation_failed: {
    status: 417,
    title: 'The Expect header is not supported',
    detail:
      'The Expect header has a value other than 100-continue, which is not supported. Send the request without the header.',
  },
  validation_failed: {
    status: 422,
    title: 'Some fields are not valid',
    detail: 'At least one field is missing, unknown, or not valid. Fix the fields listed in `errors`, then try again.',
  },
  image_rejected: {
    status: 422,
    title: 'The image cannot be used',
    detail:
      'The file is not a JPEG, PNG, WebP, or AVIF image, is damaged, or has too many pixels. Choose another file.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key was used for another request',
    detail:
      'The same Idempotency-Key was sent before with a different body or path. Use a new key for each new request.',
  },
  too_many_attempts: {
    status: 429,
    title: 'Too many failed attempts',
    detail:
      'Sign-in to this account is locked for a while after failed attempts. Wait for the time in Retry-After, or use an emailed sign-in link.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    detail: 'This client or account has reached the rate limit. Wait for the time in Retry-After, then try again.',
  },
  headers_too_large: {
    status: 431,
    title: 'The request headers are too large',
    detail: 'The request headers are larger than 16 kB in total. Send fewer or smaller headers, including cookies.',
  },
  internal_error: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: 'The request failed because of an error on our side. Try again. If it keeps failing, report the requestId.',
  },
  service_unavailable: {
    status: 503,
    title: 'The service is temporarily unavailable',
    detail:
      'A part of the service is down, slow, or busy. Wait for the time in Retry-After, then retry. Send changes with the same Idempotency-Key so that they happen once.',
  },
} as const satisfies Record<string, ErrorDescription>;
