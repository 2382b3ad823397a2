import { logger } from '#libs/observability';
import { Client } from 'pg';
import { z } from 'zod';

/**
 * A statement that exceeds one fails and its transaction rolls back, so it can't hold locks that others wait for. They belong
 * to the role: a connection pooler such as PgBouncer refuses them as parameters of a connection.
 */
const timeouts = {
  statement_timeout: '15s',
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '30s',
} as const;
const names = z.enum(['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']);
const settings = z.array(z.object({ name: names, setting: z.string() }));
type Name = z.output<typeof names>;

/**
 * Sets the time-outs of new connections of a role. A role may do this for itself.
 * @param role a trusted role name
 */
export async function setTimeouts(client: Client, role: string): Promise<void> {
  for (const name of names.options)
    await client.query(
      `ALTER ROLE ${client.escapeIdentifier(role)} SET ${client.escapeIdentifier(name)} = ${client.escapeLiteral(timeouts[name])}`,
    );
}

/**
 * Makes sure that connections of this role have time-outs, also if the role was not created by `migrate --provision`. Without
 * them, one query that hangs would hold its locks and its connection forever.
 * @param directUrl past a connection pooler
 * @throws Error when connections still have none
 */
export async function ensureTimeouts(url: string, directUrl: string): Promise<void> {
  const missing = await missingTimeouts(url);
  if (missing.length === 0) return;
  logger().warn({ missing }, 'the database role has no time-outs; setting those of migrate --provision');
  await withClient(directUrl, (client) => setOwn(client, missing));
  const still = await missingTimeouts(url);
  if (still.length === 0) return;
  throw new Error(
    `Connections to the database have no ${still.join(', ')}. The role has them now. If a connection pooler keeps older connections, run RECONNECT in it; if it sets them to 0, remove that.`,
  );
}

/** Only for this database, because an administrator's role may need to work for long in others. */
async function setOwn(client: Client, missing: readonly Name[]): Promise<void> {
  const { rows } = await client.query('SELECT current_database() AS name');
  const [database] = z.tuple([z.object({ name: z.string() })]).parse(rows);
  const where = `IN DATABASE ${client.escapeIdentifier(database.name)}`;
  for (const name of missing)
    await client.query(
      `ALTER ROLE CURRENT_USER ${where} SET ${client.escapeIdentifier(name)} = ${client.escapeLiteral(timeouts[name])}`,
    );
}

async function missingTimeouts(url: string): Promise<Name[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query('SELECT name, setting FROM pg_settings WHERE name = ANY($1)', [names.options]);
    return settings.parse(rows).flatMap(({ name, setting }) => (setting === '0' ? [name] : []));
  });
}

async function withClient<Result>(url: string, run: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}
