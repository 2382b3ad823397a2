import type { DataSource } from 'typeorm';
import { execute } from './query';
import { acrossTenants } from './tenant';

/** Few enough that nobody waits long for the locks of one statement. */
const batchSize = 1_000;

export interface ExpiredRows {
  readonly table: string;
  /** The column of the primary key. */
  readonly key: string;
  /** SQL that is true for rows to delete, with `$1`, `$2`, … for `parameters`. */
  readonly where: string;
  readonly parameters?: readonly unknown[];
  /** The column to delete in order of. */
  readonly oldestFirst?: string;
}

/**
 * Deletes rows of all tenants, each batch in a transaction of its own. Table, columns and condition go into the SQL as
 * they are: they must be constants of the code, never input.
 */
export async function deleteInBatches(dataSource: DataSource, rows: ExpiredRows): Promise<void> {
  const { table, key, where, parameters = [], oldestFirst } = rows;
  const order = oldestFirst === undefined ? '' : `ORDER BY ${oldestFirst}`;
  const sql = `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${where} ${order} LIMIT ${batchSize})`;
  const next = () =>
    dataSource.transaction(async (manager) => {
      await acrossTenants(manager);
      return execute(manager, sql, parameters);
    });
  while ((await next()) === batchSize);
}
