import { uuid } from '#libs/validation';
import { cursorAt, placeIn } from './cursor';

/**
 * Returns the id of the row after which the page starts. Ids are UUIDv7, so they sort by time.
 * @throws ProblemError `validation_failed`
 */
export function positionOf(cursor: string | undefined): string | null {
  return cursor === undefined ? null : placeIn(cursor, (place) => uuid.parse(place));
}

/** @param rows one more than the page holds, when there are more */
export function pageOf<Row extends { readonly id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
  placeOf: (row: Row) => string = ({ id }) => id,
): { data: Item[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    data: shown.map(present),
    nextCursor: last === undefined ? null : cursorAt(placeOf(last)),
  };
}
