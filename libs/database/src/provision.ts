import type { ServiceName } from '#libs/contracts';
import { Client } from 'pg';
import { scramSha256Verifier } from './scram';

export interface RolePasswords {
  /** Of the role that owns the tables and runs migrations. */
  readonly ownerPassword: string;
  /** Of the role that the service itself uses. */
  readonly servicePassword: string;
}

export interface ProvisionedDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
}

/**
 * Creates what a service needs on a PostgreSQL 17 server, or brings it up to date: the database `groundwork_<service>`,
 * the role `groundwork_<service>_owner` that runs migrations, and the role `groundwork_<service>` that may only read and
 * write rows of the owner's tables. A changed password takes effect. Safe to run again, and twice at once.
 * `adminUrl` is a superuser's, or that of a role with CREATEDB and CREATEROLE.
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
    // Held until the session ends: a second run waits here and then finds everything in place.
    await admin.query("SELECT pg_advisory_lock(hashtext('groundwork provision'))");
    await createRole(admin, owner);
    await createRole(admin, user);
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
  // PostgreSQL 16 and later: an admin who is no superuser becomes a member of what he creates, and so may give it a database.
  await admin.query("SET createrole_self_grant = 'set, inherit'");
  if (rowCount === 0) await admin.query(`CREATE ROLE ${role} LOGIN`);
  await admin.query(`ALTER ROLE ${role} LOGIN PASSWORD ${admin.escapeLiteral(scramSha256Verifier(password))}`);
}

async function createDatabase(admin: Client, database: string, owner: string, user: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
  if (rowCount === 0) {
    // The built-in locale sorts the same on every system: an upgraded C library cannot corrupt an index.
    await admin.query(
      `CREATE DATABASE ${database} OWNER ${owner} TEMPLATE template0 ENCODING 'UTF8'
       LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'`,
    );
  }
  await admin.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO ${user}`);
}

/** Of the tables that `owner` will make, `user` may read and write rows, and nothing more. @param user a role's name, trusted */
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
