import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { MigrationInterface } from 'typeorm';
import { cleanupOnce } from './cleanup';
import { testVariable } from './environment';

export interface TestDatabase {
  readonly name: string;
  /** For the server's superuser, who bypasses row-level security. Tests use it to prepare and inspect data. */
  readonly url: string;
  /** For the service's role, with exactly the privileges that provisioning grants. */
  readonly serviceUrl: string;
  drop(): Promise<void>;
}

export type Migration = new () => MigrationInterface;

/**
 * Creates a database on the test server and drops it after the file's tests. Migrations run once per set
 * and server. More databases with the same set are copies, which take about 30 ms.
 */
export async function testDatabase(name = 'test', migrations: readonly Migration[] = []): Promise<TestDatabase> {
  const server = testVariable('TEST_DATABASE_URL');
  const database = `${name}_${randomBytes(6).toString('hex')}`;
  const service = serviceRole(server);
  await withClient(server, async (client) => {
    const template = migrations.length === 0 ? 'template0' : await templateOf(client, server, migrations);
    await client.query(
      // Copying files costs half as much as the default, which writes every page to the log.
      `create database ${client.escapeIdentifier(database)} template ${client.escapeIdentifier(template)} strategy file_copy`,
    );
    // Privileges on the database itself are not copied from a template.
    await client.query(`revoke all on database ${client.escapeIdentifier(database)} from public`);
    if (migrations.length === 0) return;
    await client.query(
      `grant connect on database ${client.escapeIdentifier(database)} to ${client.escapeIdentifier(service.role)}`,
    );
  });
  const drop = cleanupOnce(() =>
    withClient(server, async (client) => {
      await client.query(`drop database if exists ${client.escapeIdentifier(database)} with (force)`);
    }),
  );
  return { name: database, url: urlOf(server, database), serviceUrl: urlOf(server, database, service), drop };
}

interface ServiceRole {
  readonly role: string;
  readonly password: string;
}

/**
 * Shared by the run, because roles belong to the server, not to a database. Its password can't be derived
 * without the superuser's.
 */
function serviceRole(server: string): ServiceRole {
  const run = testVariable('TEST_RUN');
  return { role: `test_service_${run}`, password: createHash('sha256').update(`${run} ${server}`).digest('hex') };
}

/** Test files run in several processes. The first one creates the template, and the others wait for the lock. */
async function templateOf(client: Client, server: string, migrations: readonly Migration[]): Promise<string> {
  const set = createHash('sha256').update(migrations.map(String).join('\n')).digest('hex').slice(0, 16);
  const template = `template_${testVariable('TEST_RUN')}_${set}`;
  await client.query('select pg_advisory_lock(hashtext($1))', [template]);
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [template]);
    if (rowCount === 0) await createTemplate(client, server, template, migrations);
  } finally {
    await client.query('select pg_advisory_unlock(hashtext($1))', [template]);
  }
  return template;
}

async function createTemplate(
  client: Client,
  server: string,
  template: string,
  migrations: readonly Migration[],
): Promise<void> {
  const unfinished = `${template}_unfinished`;
  await client.query(`drop database if exists ${client.escapeIdentifier(unfinished)} with (force)`);
  await client.query(`create database ${client.escapeIdentifier(unfinished)} template template0`);
  // Imported lazily, because it loads Nest, which most database tests do not need.
  const { grantRowAccess, runMigrations, setTimeouts } = await import('#libs/database');
  const service = serviceRole(server);
  await createRole(client, service, setTimeouts);
  await withClient(urlOf(server, unfinished), (owner) => grantRowAccess(owner, service.role));
  await runMigrations(urlOf(server, unfinished), migrations);
  await client.query(
    `alter database ${client.escapeIdentifier(unfinished)} rename to ${client.escapeIdentifier(template)}`,
  );
}

/**
 * Templates of several sets are created at the same time under different locks, so creating the role needs
 * its own lock.
 */
async function createRole(
  client: Client,
  { role, password }: ServiceRole,
  setTimeouts: (client: Client, role: string) => Promise<void>,
): Promise<void> {
  await client.query("select pg_advisory_lock(hashtext('groundwork test role'))");
  try {
    const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
    if (rowCount !== 0) return;
    await client.query(`create role ${client.escapeIdentifier(role)} login password ${client.escapeLiteral(password)}`);
    await setTimeouts(client, role);
  } finally {
    await client.query("select pg_advisory_unlock(hashtext('groundwork test role'))");
  }
}

async function withClient(url: string, run: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string, as?: ServiceRole): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (as !== undefined) {
    url.username = as.role;
    url.password = as.password;
  }
  return url.href;
}
