import { scrub } from '#libs/observability';

/** The message of an error without passwords, on one line. */
export function scrubbed(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
  return scrub(text).replaceAll(/\s+/g, ' ').trim();
}
