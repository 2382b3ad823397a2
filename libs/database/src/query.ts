import { Client, Pool } from 'pg';
import { QueryFailedError, type EntityManager, type QueryResult } from 'typeorm';
import { z } from 'zod';

/**
 * Runs one parameterized statement (`$1`, `$2`, …) and parses its rows. TypeORM's `query()` is untyped and
 * returns `[rows, count]` for UPDATE and DELETE. int8, numeric and count(*) arrive as strings.
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

/** Runs one parameterized statement and returns how many rows it inserted, changed or deleted. */
export async function execute(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<number> {
  const { affected } = await run(manager, sql, parameters);
  return affected ?? 0;
}

/** Returns true if a statement failed because a unique value already exists. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof QueryFailedError && uniqueViolation.safeParse(error.driverError).success;
}

/** PostgreSQL's error code (appendix A of its manual). */
const uniqueViolation = z.object({ code: z.literal('23505') });

export interface PreparedStatement<Row extends z.ZodType> {
  /** Unique in the service. PostgreSQL stores the plan under this name, per connection. */
  readonly name: string;
  readonly sql: string;
  readonly row: Row;
}

/**
 * Like queryRows, for the few statements that run on every request. PostgreSQL plans them once per
 * connection, and bypassing TypeORM halves the cost of a lookup by key. Runs in the manager's transaction,
 * if any.
 */
export async function queryPrepared<Row extends z.ZodType>(
  manager: EntityManager,
  { name, sql, row }: PreparedStatement<Row>,
  parameters: readonly unknown[],
): Promise<z.output<Row>[]> {
  const { rows } = await (await connectionOf(manager)).query({ name, text: sql, values: [...parameters] });
  return rows.map((found) => row.parse(found));
}

/** TypeORM types its pool and its connections as any. */
async function connectionOf({ queryRunner, dataSource }: EntityManager): Promise<Pool | Client> {
  const { driver } = dataSource;
  const connection: unknown =
    queryRunner === undefined ? 'master' in driver && driver.master : await queryRunner.connect();
  if (connection instanceof Pool || connection instanceof Client) return connection;
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
