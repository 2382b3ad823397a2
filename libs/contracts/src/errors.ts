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
      'A request with cookies must come from an allowed origin and carry the CSRF token in X-CSRF-Token. Read it from the csrf cookie.',
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
  idempotency_in_progress: {
    status: 409,
    title: 'The first request with this key is still running',
    detail: 'Another request with the same Idempotency-Key has not finished. Wait a moment and send it again.',
  },
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
  validation_failed: {
    status: 422,
    title: 'Some fields are not valid',
    detail: 'At least one field is missing, unknown or not valid. `errors` names each one.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The idempotency key belongs to another request',
    detail: 'The same Idempotency-Key was sent before with another body or address. Use a new key for a new request.',
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

export interface ErrorDescription {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue).filter(isErrorCode);

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCatalogue, value);
}

/** One invalid field of a request: `path` in dots (`address.city`, `items.0.name`; empty for the whole body). */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** Replaces the catalogue's sentence. It reaches the client: never put a secret or an internal name into it. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** Kept for the log of the process that throws; never crosses a process. */
  readonly cause?: unknown;
}

/** An expected failure, told to the client by its code (RFC 9457 calls it a problem). Anything else that is thrown is a surprise. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly errors: readonly FieldError[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(
    readonly code: ErrorCode,
    options: ProblemOptions = {},
  ) {
    super(
      options.detail ?? errorCatalogue[code].detail,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.status = errorCatalogue[code].status;
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}
