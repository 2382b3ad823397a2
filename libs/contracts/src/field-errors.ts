import { z } from 'zod';
import type { FieldError } from './errors';

const shownErrors = 50;
const shownPathCharacters = 200;

/** What Zod's issues contain beyond the Standard Schema. They never contain the value. */
const issueDetails = z.object({
  code: z.string().optional(),
  keys: z.array(z.string()).optional(),
  params: z.object({ code: z.string() }).optional(),
});

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/**
 * Converts schema issues to the API's field errors: fields and rules, never values. At most 50 errors.
 * Our own rules have codes such as `email_invalid`, which the schema sets as `params: { code }`.
 */
export function fieldErrors(issues: readonly Issue[]): FieldError[] {
  return issues.flatMap(errorsOf).slice(0, shownErrors);
}

export function unknownField(path: string): FieldError {
  return { path, code: 'unknown_field', message: 'Unknown field. Remove it from the request.' };
}

function errorsOf(issue: Issue): FieldError[] {
  const { code = 'invalid', keys, params } = issueDetails.parse(issue);
  const path = (issue.path ?? []).map(String);
  if (keys !== undefined) return keys.map((key) => unknownField(joined([...path, key])));
  return [{ path: joined(path), code: params?.code ?? code, message: issue.message }];
}

function joined(path: readonly string[]): string {
  return path.join('.').slice(0, shownPathCharacters);
}
