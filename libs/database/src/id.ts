import { v7 } from 'uuid';

/**
 * Returns a new primary key: a UUIDv7 (RFC 9562 section 5.7). It sorts by time, which keeps B-tree inserts
 * at one end.
 */
export function newId(): string {
  return v7();
}

/** Sorts before every id. */
export const nilId = '00000000-0000-0000-0000-000000000000';
