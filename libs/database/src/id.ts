import { v7 } from 'uuid';

/** A new primary key: UUIDv7 (RFC 9562 section 5.7), which sorts by the time it was made and so keeps B-tree inserts at one end. */
export function newId(): string {
  return v7();
}
