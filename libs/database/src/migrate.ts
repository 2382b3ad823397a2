import { setTimeout } from 'node:timers/promises';
import { DataSource, MigrationExecutor, type MigrationInterface, type QueryRunner } from 'typeorm';
import { z } from 'zod';
import { queryRows } from './query';

const lockWaitMs = 10 * 60_000;

/**
 * Runs the pending migrations and returns their names. Each runs in its own transaction unless it says
 * `transaction = false`. If several replicas start together, one migrates and the others wait.
 */
export async function runMigrations(
  ownerUrl: string,
  migrations: readonly (new () => MigrationInterface)[],
): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations: [...migrations],
    applicationName: 'groundwork migrations',
    connectTimeoutMS: 5_000,
    poolSize: 1,
    installExtensions: false,
  });
  await dataSource.initialize();
  try {
    return await migrateUnderLock(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

async function migrateUnderLock(dataSource: DataSource): Promise<string[]> {
  const queryRunner = dataSource.createQueryRunner();
  try {
    // A migration can run for long, but while it waits for a table lock, every query on that table waits
    // behind it.
    await queryRunner.query("SET lock_timeout = '5s'");
    await acquireLock(queryRunner);
    const executor = new MigrationExecutor(dataSource, queryRunner);
    executor.transaction = 'each';
    const executed = await executor.executePendingMigrations();
    await protectHistory(queryRunner);
    return executed.map(({ name }) => name);
  } finally {
    // The session ends next, which releases the lock.
    await queryRunner.release();
  }
}

/**
 * Polls for the lock. Waiting inside pg_advisory_lock() would hold a snapshot, which CREATE INDEX
 * CONCURRENTLY would wait for.
 */
async function acquireLock({ manager }: QueryRunner): Promise<void> {
  const deadline = Date.now() + lockWaitMs;
  while (Date.now() < deadline) {
    const sql = "SELECT pg_try_advisory_lock(hashtext('groundwork migrations')) AS locked";
    const [row] = await queryRows(manager, sql, [], z.object({ locked: z.boolean() }));
    if (row?.locked === true) return;
    await setTimeout(200);
  }
  throw new Error(
    `Another process has been migrating this database for ${lockWaitMs / 60_000} minutes. Look at it, then run this again.`,
  );
}

/** The service's role can read the history of migrations but not change it. */
async function protectHistory(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    DO $$
    DECLARE grantee text;
    BEGIN
      FOR grantee IN
        SELECT DISTINCT g.grantee FROM information_schema.role_table_grants g
        WHERE g.table_schema = 'public' AND g.table_name = 'migrations' AND g.grantee <> current_user
      LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON migrations FROM %I', grantee);
      END LOOP;
    END $$`);
}
