import { gauge, logger } from '#libs/observability';
import { setTimeout } from 'node:timers/promises';
import { Client } from 'pg';
import type { MigrationInterface } from 'typeorm';
import { z } from 'zod';

type Migration = new () => MigrationInterface;

export interface SchemaState {
  /** Migrations of this version that the database has not had. */
  readonly pending: readonly string[];
  /** Migrations that a newer version ran. Its schema still serves this version. */
  readonly unknown: readonly string[];
}

const pollMs = 1_000;
const migrationsPending = gauge(
  'migrations_pending',
  'Migrations that this version needs and the database has not had.',
);
const rows = z.array(z.object({ name: z.string() }));

/** Compares what this version needs with what the database has had. @throws Error when the database can't be read */
export async function schemaState(url: string, migrations: readonly Migration[]): Promise<SchemaState> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  await client.connect();
  try {
    const known = migrations.map(({ name }) => name);
    const ran = await ranIn(client);
    return {
      pending: known.filter((name) => !ran.includes(name)),
      unknown: ran.filter((name) => !known.includes(name)),
    };
  } finally {
    await client.end();
  }
}

async function ranIn(client: Client): Promise<string[]> {
  const { rowCount } = await client.query("SELECT 1 WHERE to_regclass('public.migrations') IS NOT NULL");
  if (rowCount === 0) return [];
  const { rows: found } = await client.query('SELECT name FROM migrations ORDER BY id');
  return rows.parse(found).map(({ name }) => name);
}

/**
 * Resolves when the database has had every migration of this version. Meanwhile a replica takes no work: during a deployment
 * the new version can start before the migrations have run, and PostgreSQL can be away.
 */
export async function waitForSchema(url: string, migrations: readonly Migration[]): Promise<void> {
  let said = '';
  for (;;) {
    const waitingFor = await obstacle(url, migrations);
    if (waitingFor === undefined) return;
    if (waitingFor.text !== said)
      logger().warn({ pending: waitingFor.pending.map(readable), reason: waitingFor.text }, 'waiting for the schema');
    said = waitingFor.text;
    await setTimeout(pollMs);
  }
}

/** As one word, a name with its time looks like a token to the log, which replaces it. */
function readable(name: string): string {
  return name.replace(/\d+$/, ' $&');
}

async function obstacle(
  url: string,
  migrations: readonly Migration[],
): Promise<{ text: string; pending: readonly string[] } | undefined> {
  try {
    const { pending } = await schemaState(url, migrations);
    migrationsPending.set(pending.length);
    return pending.length === 0 ? undefined : { text: 'Migrations are pending. Run the migrate command.', pending };
  } catch (error) {
    return { text: error instanceof Error ? error.message : String(error), pending: [] };
  }
}
