import { Client, Pool } from 'pg';
import { QueryFailedError, type EntityManager, type QueryResult } from 'typeorm';
import { z } from 'zod';

/**
 * Runs one parameterized statement (`$1`, `$2`, …) and returns its rows, parsed: what TypeORM's `query()` returns is
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

/** Runs one parameterized statement and returns how many rows it inserted, changed or deleted. */
export async function execute(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<number> {
  const { affected } = await run(manager, sql, parameters);
  return affected ?? 0;
}

/** Whether a statement failed because a value that must be unique is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof QueryFailedError && uniqueViolation.safeParse(error.driverError).success;
}

/** PostgreSQL's error code (appendix A of its manual). */
const uniqueViolation = z.object({ code: z.literal('23505') });

export interface PreparedStatement<Row extends z.ZodType> {
  /** Unique in the service: PostgreSQL keeps its plan under it, per connection. */
  readonly name: string;
  readonly sql: string;
  readonly row: Row;
}

/**
 * Like queryRows, for the few statements that run at every request: PostgreSQL parses and plans it once per connection, and
 * TypeORM's part is left out, which halves what one row by its key costs. In the manager's transaction, if it has one.
 */
export async function queryPrepared<Row extends z.ZodType>(
  manager: EntityManager,
  { name, sql, row }: PreparedStatement<Row>,
  parameters: readonly unknown[],
): Promise<z.output<Row>[]> {
  const { rows } = await (await connectionOf(manager)).query({ name, text: sql, values: [...parameters] });
  return rows.map((found) => row.parse(found));
}

/** TypeORM declares its pool and its connections as any. */
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
