import { testDatabase } from '#libs/testing';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { z } from 'zod';
import { createDataSource } from './data-source';
import { runMigrations } from './migrate';
import { queryRows } from './query';

class CreateThings1700000000000 implements MigrationInterface {
  readonly name = 'CreateThings1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE things (id int)');
    await queryRunner.query('INSERT INTO things SELECT generate_series(1, 1000)');
  }

  async down(): Promise<void> {}
}

/**
 * Waits for every other transaction in the database. A replica that waited inside a transaction would
 * block it forever.
 */
class IndexThings1700000000001 implements MigrationInterface {
  readonly name = 'IndexThings1700000000001';
  readonly transaction = false;

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE INDEX CONCURRENTLY things_id_idx ON things (id)');
  }

  async down(): Promise<void> {}
}

class Broken1700000000002 implements MigrationInterface {
  readonly name = 'Broken1700000000002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE TABLE half_done (id int)');
    await queryRunner.query('SELECT * FROM nowhere');
  }

  async down(): Promise<void> {}
}

it('runs each migration once when several replicas start together', async () => {
  const { url } = await testDatabase('migrate');
  const migrations = [CreateThings1700000000000, IndexThings1700000000001];
  const runs = await Promise.all([1, 2, 3, 4].map(() => runMigrations(url, migrations)));
  expect(runs.flat()).toEqual(['CreateThings1700000000000', 'IndexThings1700000000001']);
  await expect(runMigrations(url, migrations)).resolves.toEqual([]);
});

it('rolls back a failed migration, keeps the earlier ones and releases the lock', async () => {
  const { url } = await testDatabase('migrate');
  await expect(runMigrations(url, [CreateThings1700000000000, Broken1700000000002])).rejects.toThrow('nowhere');
  await expect(runMigrations(url, [CreateThings1700000000000])).resolves.toEqual([]);
  const tables = await inDatabase(
    url,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  expect(tables).toEqual(['migrations', 'things']);
});

async function inDatabase(url: string, sql: string): Promise<string[]> {
  const dataSource = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
  try {
    const rows = await queryRows(dataSource.manager, sql, [], z.object({ name: z.string() }));
    return rows.map(({ name }) => name);
  } finally {
    await dataSource.destroy();
  }
}
