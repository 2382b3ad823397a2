import { errorCatalogue, ProblemError, type ErrorCode, type FieldError } from '#libs/contracts';
import { isDatabaseUnavailable } from '#libs/database';
import { HttpException } from '@nestjs/common';
import { z } from 'zod';

export const problemMediaType = 'application/problem+json';

/** The body of every error: RFC 9457 with `code`, `requestId` and, for invalid fields, `errors`. */
export const problem = z
  .strictObject({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), code: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

export function describeProblem(error: ProblemError, publicUrl: string, requestId: string): Problem {
  const { code, status, message: detail, errors } = error;
  const { title } = errorCatalogue[code];
  const type = `${publicUrl}/problems/${code}`;
  return { type, title, status, detail, code, requestId, ...(errors === undefined ? {} : { errors }) };
}

/** Error codes for Fastify's own errors. */
const frameworkCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_HANDLER_TIMEOUT: 'service_unavailable',
};

const codesByStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'malformed_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'service_unavailable',
};

const coded = z.object({ code: z.string() });

/** Returns the error that the client gets. Unknown errors become internal_error, with the cause kept for the log. */
export function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  const cause = error instanceof HttpException ? error.cause : error;
  if (isDatabaseUnavailable(cause)) return new ProblemError('service_unavailable', { retryAfterSeconds: 2, cause });
  const status = error instanceof HttpException ? error.getStatus() : 500;
  return new ProblemError(frameworkCode(cause) ?? codesByStatus[status] ?? 'internal_error', { cause: error });
}

function frameworkCode(cause: unknown): ErrorCode | undefined {
  const { data } = coded.safeParse(cause);
  return data === undefined ? undefined : frameworkCodes[data.code];
}
