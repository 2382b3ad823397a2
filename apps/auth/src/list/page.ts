import { ProblemError } from '#libs/contracts';
import { z } from 'zod';

const position = z.uuid();

/**
 * Where a list goes on: after the row with this id. Ids are UUIDv7, so that their order is that of time.
 * @throws ProblemError `validation_failed`
 */
export function positionOf(cursor: string | undefined): string | null {
  if (cursor === undefined) return null;
  const parsed = position.safeParse(Buffer.from(cursor, 'base64url').toString());
  if (parsed.success) return parsed.data;
  const message = 'Not a cursor of this list. Begin again without one.';
  throw new ProblemError('validation_failed', { errors: [{ path: 'cursor', code: 'invalid_cursor', message }] });
}

/** @param rows one more than the page holds, when there are more */
export function pageOf<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
): { data: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    data: shown.map(present),
    nextCursor: last === undefined ? null : Buffer.from(last.id).toString('base64url'),
  };
}
