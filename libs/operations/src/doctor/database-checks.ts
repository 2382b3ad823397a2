import type { Variables } from '#libs/command';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { schemaState } from '#libs/database';
import { Client } from 'pg';
import { z } from 'zod';
import { migrationsOf } from '../service-migrations';
import { absent, ok, problem, type Check, type Finding } from './check';
import { clockFinding } from './clock';

const provision = 'Run migrate --provision, and let the service use the role that it creates.';
const roles = z.tuple([z.object({ role: z.string(), mighty: z.boolean(), owns: z.number(), timeout: z.string() })]);
const budgets = z.tuple([z.object({ used: z.number(), most: z.number() })]);
const addressCounts = z.tuple([
  z.object({ sessions: z.number(), addresses: z.number(), example: z.string().nullable() }),
]);
/** Fewer can all be one person's. */
const fewestSessions = 50;
const times = z.tuple([z.object({ now: z.number() })]);

/** The checks of each service's database, as the role that the service uses. */
export function databaseChecks(variables: Variables): Check[] {
  return serviceNames.flatMap((service) => {
    const name = `DATABASE_URL_${service.toUpperCase()}`;
    const url = variables[name];
    const check = (what: string, run: (url: string) => Promise<Finding>): Check => ({
      name: `${service}: ${what}`,
      run: async () => (url ? run(url) : absent(name)),
    });
    return [
      ...(service === 'auth' ? [check('client addresses', clientAddressesFinding)] : []),
      check('database role', roleFinding),
      check('migrations', (own) => migrationsFinding(own, service)),
      check('connections', connectionsFinding),
      check('database clock', databaseClock),
    ];
  });
}

async function roleFinding(url: string): Promise<Finding> {
  const [row] = roles.parse(
    await ask(
      url,
      `SELECT current_user AS role, rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls AS mighty,
         (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid AND relkind IN ('r', 'p')) AS owns,
         current_setting('statement_timeout') AS timeout
       FROM pg_roles r WHERE rolname = current_user`,
    ),
  );
  if (row.mighty) return problem(`${row.role} is an administrator`, provision);
  if (row.owns > 0) return problem(`${row.role} owns ${row.owns} tables`, provision);
  if (row.timeout === '0') return problem(`${row.role} has no statement_timeout`, provision);
  return ok(`${row.role} owns nothing, and statements end after ${row.timeout}`);
}

async function migrationsFinding(url: string, service: ServiceName): Promise<Finding> {
  const { pending, unknown } = await schemaState(url, migrationsOf(service));
  if (pending.length > 0) return problem(`pending: ${pending.join(', ')}`, `Run migrate ${service}.`);
  return ok(unknown.length === 0 ? 'up to date' : `up to date; a newer version ran ${unknown.join(', ')}`);
}

/** Deployments need room: while replicas are replaced, both old and new ones are connected. */
async function connectionsFinding(url: string): Promise<Finding> {
  const [{ used, most }] = budgets.parse(
    await ask(
      url,
      `SELECT (SELECT sum(numbackends)::int FROM pg_stat_database) AS used,
         current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most`,
    ),
  );
  const seen = `${used} of ${most} connections are in use`;
  return used < most * 0.75 ? ok(seen) : problem(seen, 'Lower DATABASE_POOL_SIZE, or raise max_connections.');
}

/** A gateway that doesn't trust its proxy takes the proxy's address for that of every client, and limits all as one. */
async function clientAddressesFinding(url: string): Promise<Finding> {
  const [{ sessions, addresses, example }] = addressCounts.parse(
    await ask(
      url,
      `SELECT count(*)::int AS sessions, count(DISTINCT ip)::int AS addresses, min(ip) AS example
       FROM (SELECT ip FROM sessions ORDER BY id DESC LIMIT 200) AS latest`,
    ),
  );
  const seen = `the latest ${sessions} sessions come from ${addresses} addresses`;
  if (sessions < fewestSessions) return ok(`${seen}, too few to tell`);
  return addresses > 1
    ? ok(seen)
    : problem(
        `the latest ${sessions} sessions all come from ${example}`,
        'Set TRUST_PROXY to the networks of your proxies.',
      );
}

async function databaseClock(url: string): Promise<Finding> {
  const started = Date.now();
  const [{ now }] = times.parse(await ask(url, 'SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now'));
  return clockFinding(now, started, Date.now());
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return z.array(z.unknown()).parse(rows);
  } finally {
    await client.end();
  }
}
