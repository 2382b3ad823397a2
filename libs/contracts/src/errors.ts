import { errorCatalogue } from './error-catalogue';

export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue).filter(isErrorCode);

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCatalogue, value);
}

/**
 * One invalid field of a request. `path` uses dots (`address.city`, `items.0.name`) and is empty for the
 * whole body.
 */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemOptions {
  /** Replaces the detail of the catalogue. Clients see it, so it must not contain secrets or internal names. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** Only for the log of the process that throws. It is never sent to another process. */
  readonly cause?: unknown;
}

/**
 * An expected failure, identified to clients by its code (a "problem" in RFC 9457). All other errors are
 * unexpected.
 */
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

/** Returns the value. @throws ProblemError `code` if the value is undefined */
export function required<T>(value: T | undefined, code: ErrorCode): T {
  if (value === undefined) throw new ProblemError(code);
  return value;
}

/** Returns the error for one invalid field that only a service can recognize, for example a name that is taken. */
export function invalidField(path: string, code: string, message: string, cause?: unknown): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ path, code, message }], cause });
}
