import type { ServiceName } from '#libs/contracts';
import { Client } from 'pg';
import { scramSha256Verifier } from './scram';
import { setTimeouts } from './timeouts';

export interface RolePasswords {
  /** For the role that owns the tables and runs migrations. */
  readonly ownerPassword: string;
  /** For the role that the service uses. */
  readonly servicePassword: string;
}

export interface ProvisionedDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
}

/**
 * Creates or updates what a service needs on a PostgreSQL 17 server: the database `groundwork_<service>`,
 * its owner `groundwork_<service>_owner`, which runs migrations, and `groundwork_<service>`, which can
 * only read and write rows.
 * Changed passwords take effect. Safe to repeat and to run twice at once. `adminUrl` needs a superuser or
 * a role with CREATEDB and CREATEROLE.
 */
export async function provisionDatabase(
  adminUrl: string,
  service: ServiceName,
  passwords: RolePasswords,
): Promise<ProvisionedDatabase> {
  const database = `groundwork_${service}`;
  const owner = { role: `${database}_owner`, password: passwords.ownerPassword };
  const user = { role: database, password: passwords.servicePassword };
  const ownerUrl = urlOf(adminUrl, database, owner);

  await withClient(adminUrl, async (admin) => {
    // Held until the session ends. A second run waits here and then finds everything in place.
    await admin.query("SELECT pg_advisory_lock(hashtext('groundwork provision'))");
    await createRole(admin, owner);
    await createRole(admin, user);
    await setTimeouts(admin, user.role);
    await createDatabase(admin, database, owner.role, user.role);
    await withClient(ownerUrl, (client) => grantRowAccess(client, user.role));
  });
  return { ownerUrl, serviceUrl: urlOf(adminUrl, database, user) };
}

interface Credentials {
  readonly role: string;
  readonly password: string;
}

async function createRole(admin: Client, { role, password }: Credentials): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  // Since PostgreSQL 16, this lets an admin who is not a superuser create databases that are owned by the
  // roles they create.
  await admin.query("SET createrole_self_grant = 'set, inherit'");
  if (rowCount === 0) await admin.query(`CREATE ROLE ${role} LOGIN`);
  await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD ${admin.escapeLiteral(scramSha256Verifier(password))}`);
}

async function createDatabase(admin: Client, database: string, owner: string, user: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) {
    // The built-in locale sorts the same on every system, so a new version of the C library can't corrupt an
    // index.
    await admin.query(
      `CREATE DATABASE ${database} OWNER ${owner} TEMPLATE template0 ENCODING 'UTF8'
       LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'`,
    );
  }
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${user}`);
}

/**
 * Lets `user` read and write the rows of tables that `owner` creates later, and nothing more.
 * @param user a trusted role name
 */
export async function grantRowAccess(owner: Client, user: string): Promise<void> {
  await owner.query(`REVOKE ALL ON SCHEMA public FROM PUBLIC`);
  await owner.query(`GRANT USAGE ON SCHEMA public TO ${user}`);
  const byDefault = 'ALTER DEFAULT PRIVILEGES IN SCHEMA public';
  await owner.query(`${byDefault} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${user}`);
  await owner.query(`${byDefault} GRANT USAGE, SELECT ON SEQUENCES TO ${user}`);
}

async function withClient<Result>(url: string, run: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

function urlOf(server: string, database: string, { role, password }: Credentials): string {
  const url = new URL(server);
  url.username = role;
  url.password = encodeURIComponent(password);
  url.pathname = `/${database}`;
  return url.href;
}
