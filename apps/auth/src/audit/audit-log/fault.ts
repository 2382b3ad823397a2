import type { AuditRow } from './audit-entries.table';
import { contentHash, detailsHash, entryHash } from './entry-hash';
import type { JsonValue } from './json';

/** Where somebody else wrote, anything may stand. */
export interface StoredRow extends Omit<AuditRow, 'before' | 'after'> {
  readonly before: JsonValue;
  readonly after: JsonValue;
}

export interface CheckedRow extends StoredRow {
  /** Of the head of its chain at the time when the row was read. */
  readonly headSequence: bigint | null;
  readonly headHash: Buffer | null;
}

export interface Fault {
  readonly sequence: bigint;
  readonly id: string | null;
  readonly reason: string;
}

const genesis = Buffer.alloc(32);

/** What is wrong with an entry, given the one before it in its chain; the one before was found right. */
export function faultOf(row: StoredRow, before: StoredRow | undefined): Fault | undefined {
  const expected = (before?.sequence ?? 0n) + 1n;
  if (row.sequence !== expected) return { sequence: expected, id: null, reason: 'is missing' };
  const reason = reasonOf(row, before);
  return reason === undefined ? undefined : { sequence: row.sequence, id: row.id, reason };
}

function reasonOf(row: StoredRow, before: StoredRow | undefined): string | undefined {
  if (!row.previousHash.equals(before?.hash ?? genesis)) return 'does not follow on the entry before it';
  if (!entryHash(row, contentHash(row, row.detailsHash)).equals(row.hash)) return 'was changed';
  if (row.erasedAt === null)
    return hasItsDetails(row) ? undefined : 'has other details than were written (before, after, ip)';
  const isEmpty = row.before === null && row.after === null && row.ip === null && row.salt === null;
  return isEmpty ? undefined : 'is marked as erased and has details all the same';
}

function hasItsDetails({ before, after, ip, salt, detailsHash: written }: StoredRow): boolean {
  return salt !== null && detailsHash({ before, after, ip, salt }).equals(written);
}
