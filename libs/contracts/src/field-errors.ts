import { z } from 'zod';
import type { FieldError } from './errors';

const shownErrors = 50;
const shownPathCharacters = 200;

/** What zod tells about an issue beyond the Standard Schema. The value itself is never part of it. */
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
 * The errors of a schema as the API returns them: fields and rules, never the values that were sent. A rule of ours has a code
 * of its own (`email_invalid`), which the schema gives as `params: { code }`. At most 50 errors.
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
