import type { DataSource } from 'typeorm';
import { execute } from './query';
import { transactAcrossTenants } from './tenant';

/** Small enough that no one waits long for the locks of one statement. */
const batchSize = 1_000;

export interface ExpiredRows {
  readonly table: string;
  /** The column of the primary key. */
  readonly key: string;
  /** SQL that is true for the rows to delete, with `$1`, `$2`, … for `parameters`. */
  readonly where: string;
  readonly parameters?: readonly unknown[];
  /** The column that determines the order of deletion. */
  readonly oldestFirst?: string;
}

/**
 * Deletes rows of all tenants, each batch in its own transaction. The table, columns and condition become
 * part of the SQL unescaped, so they must be constants in the code and never input.
 */
export async function deleteInBatches(dataSource: DataSource, rows: ExpiredRows): Promise<void> {
  const { table, key, where, parameters = [], oldestFirst } = rows;
  const order = oldestFirst === undefined ? '' : `ORDER BY ${oldestFirst}`;
  const sql = `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} ${order} LIMIT ${batchSize})`;
  const next = () => transactAcrossTenants(dataSource, (manager) => execute(manager, sql, parameters));
  while ((await next()) === batchSize);
}
