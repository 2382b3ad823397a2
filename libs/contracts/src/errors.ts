import { errorCatalogue } from './error-catalogue';

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
