import { z } from 'zod';
import type { Fernet } from './fernet';

/** A text column with Fernet tokens or NULL. The `id` column must be the table's unique, sortable key. */
export interface EncryptedColumn {
  readonly table: string;
  readonly id: string;
  readonly column: string;
  /** The column also holds plain texts on purpose. They are skipped instead of reported. */
  readonly mixed?: boolean;
}

/** The part of TypeORM's DataSource that re-encryption needs. */
export interface Queryable {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

export interface ReencryptionCounts extends EncryptedColumn {
  /** Values that were read. */
  checked: number;
  /** Values that used an older key and now use the first one. */
  reencrypted: number;
  /** The `id` of each value that no key opens, up to 100. */
  readonly unreadable: string[];
  unreadableCount: number;
}

export interface ReencryptionOptions {
  /** Rows per read. Default 500. */
  readonly batchSize?: number;
  /** Called after each batch with the counts so far. */
  readonly onProgress?: (counts: Readonly<ReencryptionCounts>) => void;
}

type Outcome = 'current' | 'reencrypted' | 'gone' | 'unreadable';

const rows = z.array(z.object({ id: z.unknown(), token: z.string() }));

/**
 * Re-encrypts every value of the columns with the first key. Safe while the service writes: each value is
 * replaced by its own statement, only if it is still the one that was read, so one row is locked at a
 * time. Can be stopped and restarted at any time.
 */
export async function reencrypt(
  database: Queryable,
  fernet: Fernet,
  columns: readonly EncryptedColumn[],
  options: ReencryptionOptions = {},
): Promise<ReencryptionCounts[]> {
  const counts: ReencryptionCounts[] = [];
  for (const column of columns) counts.push(await reencryptColumn(database, fernet, column, options));
  return counts;
}

async function reencryptColumn(
  database: Queryable,
  fernet: Fernet,
  column: EncryptedColumn,
  { batchSize = 500, onProgress = () => undefined }: ReencryptionOptions,
): Promise<ReencryptionCounts> {
  const counts: ReencryptionCounts = { ...column, checked: 0, reencrypted: 0, unreadable: [], unreadableCount: 0 };
  const sql = statements(column);
  let batch = rows.parse(await database.query(sql.first, [batchSize]));
  while (batch.length > 0) {
    const outcomes = await Promise.all(batch.map((row) => reencryptRow(database, fernet, sql, row)));
    batch.forEach(({ id }, index) => count(counts, id, outcomes[index]));
    onProgress(counts);
    batch = rows.parse(await database.query(sql.next, [batchSize, batch.at(-1)?.id]));
  }
  return counts;
}

/**
 * Retries with the newer value if the service has written in between, because that value can still use the
 * older key.
 */
async function reencryptRow(
  database: Queryable,
  fernet: Fernet,
  sql: Statements,
  { id, token }: { id: unknown; token: string },
): Promise<Outcome> {
  const rotated = rotate(fernet, token);
  if (rotated === 'current' || rotated === 'unreadable') return rotated;
  const replaced = rows.parse(await database.query(sql.replace, [id, token, rotated.token]));
  if (replaced.length > 0) return 'reencrypted';
  const [newer] = rows.parse(await database.query(sql.read, [id]));
  return newer === undefined ? 'gone' : reencryptRow(database, fernet, sql, newer);
}

function rotate(fernet: Fernet, token: string): { token: string } | 'current' | 'unreadable' {
  try {
    return fernet.isCurrent(token) ? 'current' : { token: fernet.rotate(token) };
  } catch {
    return 'unreadable';
  }
}

function count(counts: ReencryptionCounts, id: unknown, outcome: Outcome | undefined): void {
  counts.checked++;
  if (outcome === 'reencrypted') counts.reencrypted++;
  if (outcome !== 'unreadable') return;
  counts.unreadableCount++;
  if (counts.unreadable.length < 100)
    counts.unreadable.push(id instanceof Buffer ? `\\x${id.toString('hex')}` : String(id));
}

type Statements = Readonly<Record<'first' | 'next' | 'read' | 'replace', string>>;

function statements(target: EncryptedColumn): Statements {
  const [table, id, column] = [target.table, target.id, target.column].map(quoted);
  // The version and the first bytes of the time. Every token starts with these six characters until the year
  // 4147.
  const tokens = target.mixed === true ? `LIKE 'gAAAAA%'` : 'IS NOT NULL';
  const select = `SELECT ${id} AS id, ${column} AS token FROM ${table} WHERE ${column} ${tokens}`;
  return {
    first: `${select} ORDER BY ${id} LIMIT $1`,
    next: `${select} AND ${id} > $2 ORDER BY ${id} LIMIT $1`,
    read: `${select} AND ${id} = $1`,
    // TypeORM returns a bare UPDATE in another shape than a SELECT.
    replace: `WITH replaced AS (UPDATE ${table} SET ${column} = $3 WHERE ${id} = $1 AND ${column} = $2 RETURNING ${id}, ${column})
      SELECT ${id} AS id, ${column} AS token FROM replaced`,
  };
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
