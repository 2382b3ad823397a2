import { Pool } from 'pg';
import type { DataSource, EntityManager, QueryResult } from 'typeorm';
import { z } from 'zod';

/**
 * Runs one parameterised statement (`$1`, `$2`, …) and returns its rows, parsed: what TypeORM's `query()` returns is
 * untyped, and for UPDATE and DELETE it is `[rows, count]` instead of rows. int8, numeric and count(*) arrive as strings.
 */
export async function queryRows<Row extends z.ZodType>(
  manager: EntityManager,
  sql: string,
  parameters: readonly unknown[],
  row: Row,
): Promise<z.output<Row>[]> {
  const { records } = await run(manager, sql, parameters);
  return z.array(row).parse(records);
}

/** Runs one parameterised statement and returns how many rows it inserted, changed or deleted. */
export async function execute(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<number> {
  const { affected } = await run(manager, sql, parameters);
  return affected ?? 0;
}

export interface PreparedStatement<Row extends z.ZodType> {
  /** Unique in the service: PostgreSQL keeps its plan under it, per connection. */
  readonly name: string;
  readonly sql: string;
  readonly row: Row;
}

/**
 * Like queryRows, for the few statements that run at every request: PostgreSQL parses and plans it once per connection, and
 * TypeORM's part is left out, which halves what one row by its key costs. Outside transactions only.
 */
export async function queryPrepared<Row extends z.ZodType>(
  dataSource: DataSource,
  { name, sql, row }: PreparedStatement<Row>,
  parameters: readonly unknown[],
): Promise<z.output<Row>[]> {
  const { rows } = await poolOf(dataSource).query({ name, text: sql, values: [...parameters] });
  return rows.map((found) => row.parse(found));
}

function poolOf({ driver }: DataSource): Pool {
  // TypeORM declares its pool as any.
  const pool: unknown = 'master' in driver ? driver.master : undefined;
  if (pool instanceof Pool) return pool;
  throw new Error('The data source is not connected to PostgreSQL.');
}

async function run(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
  if (manager.queryRunner !== undefined) return manager.queryRunner.query(sql, [...parameters], true);
  const queryRunner = manager.dataSource.createQueryRunner();
  try {
    return await queryRunner.query(sql, [...parameters], true);
  } finally {
    await queryRunner.release();
  }
}
