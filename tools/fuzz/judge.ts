import { errorCatalogue, isErrorCode } from '#libs/contracts';
import { z } from 'zod';
import type { HttpResponse } from './exchange';

const problem = z.object({ status: z.number(), code: z.string(), requestId: z.string().min(1) });
/** Errors that occur before a route is known. No operation declares them. */
const beforeRouting: ReadonlySet<string> = new Set([
  ...['headers_too_large', 'not_found', 'method_not_allowed', 'expectation_failed'],
]);
const internals = /node_modules|\bat .+\.[jt]s:\d+:\d+|QueryFailedError|TypeError|violates .+ constraint/;
const longestProblem = 20_000;

export function codeOf({ contentType, text }: HttpResponse): string | undefined {
  if (!contentType.startsWith('application/problem+json')) return undefined;
  return problem.safeParse(parsed(text)).data?.code;
}

/** Returns the fault of a response, whatever the request was, or undefined if there is none. */
export function faultOf(response: HttpResponse, declared: ReadonlySet<string>): string | undefined {
  const { status, contentType, text } = response;
  if (status < 200) return `Status ${status}.`;
  if (status < 400) return faultOfSuccess(response);
  if (internals.test(text)) return `${status} with internal details.`;
  if (status >= 500) return `${status} ${codeOf(response) ?? ''}`.trimEnd();
  if (!contentType.startsWith('application/problem+json')) return `${status} as ${contentType || 'nothing'}.`;
  const { data, error } = problem.safeParse(parsed(text));
  if (error !== undefined) return `${status} without all fields of a problem.`;
  if (!isErrorCode(data.code)) return `${status} with the unknown code ${data.code}.`;
  const statuses = new Set([status, data.status, errorCatalogue[data.code].status]);
  if (statuses.size > 1) return `${data.code} with the statuses ${[...statuses].join(', ')}.`;
  if (!declared.has(data.code) && !beforeRouting.has(data.code))
    return `${status} ${data.code}, which the API's description does not declare here.`;
  return text.length > longestProblem ? `${status} with ${text.length} characters.` : undefined;
}

function faultOfSuccess({ status, contentType, text }: HttpResponse): string | undefined {
  const isJson = /^application\/(?:[\w.]+\+)?json\b/.test(contentType);
  return isJson && parsed(text) === undefined ? `${status} with a body that is not JSON.` : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
