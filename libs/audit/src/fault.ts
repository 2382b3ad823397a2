import type { AuditRow } from './audit-entries.table';
import { contentHash, detailsHash, entryHash } from './entry-hash';
import type { JsonValue } from './json';

/** A row that someone tampered with can contain any JSON. */
export interface StoredRow extends Omit<AuditRow, 'before' | 'after'> {
  readonly before: JsonValue;
  readonly after: JsonValue;
}

export interface CheckedRow extends StoredRow {
  /** The head of the chain when the row was read. */
  readonly headSequence: bigint | null;
  readonly headHash: Buffer | null;
}

export interface Fault {
  readonly sequence: bigint;
  /** Null if the entry itself is missing. */
  readonly id: string | null;
  readonly reason: string;
}

const genesis = Buffer.alloc(32);

/** Returns what is wrong with an entry. @param before the entry before it in its chain, which is correct */
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
