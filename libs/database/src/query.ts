import type { EntityManager, QueryResult } from 'typeorm';
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

async function run(manager: EntityManager, sql: string, parameters: readonly unknown[]): Promise<QueryResult> {
  if (manager.queryRunner !== undefined) return manager.queryRunner.query(sql, [...parameters], true);
  const queryRunner = manager.dataSource.createQueryRunner();
  try {
    return await queryRunner.query(sql, [...parameters], true);
  } finally {
    await queryRunner.release();
  }
}
