import { styleText } from 'node:util';
import { parse, surroundings, UsageError, type Command, type Variables } from '#libs/command';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { schemaState } from '#libs/database';
import { root } from '#libs/local';
import { Client } from 'pg';
import { databaseOf, services } from '../../suite/apps';
import { startTestPostgres } from '../../suite/test-postgres';
import { codeOf, findingsOf, releasedOf } from './check';
import { editedMigrations } from './edited';
import { exceptions, isOnEmptyDatabase } from './exceptions';
import { judge, type Finding } from './finding';
import { landingBranch, newestRelease } from './git';
import { replay } from './replay';

const help = `scripts/check-migrations.sh [<service> …] [--base <branch>] [--released <tag>] [--json]

Checks the migrations of the services. Exits with 1 if it finds a problem:

  edited:<hash>     it changed since it landed on the branch; the hash is that of the new text
  pending           the database of the service has not had it
  down              it has no down, or its down does not undo up
  lost-column       it drops a column and adds another one, as TypeORM does for a rename
  still-named       it drops or renames a column or table that the code, or the newest release, still names
  squawk:<rule>     it locks a large table, or breaks the version that runs now: https://squawkhq.com/docs/rules

It runs all migrations on a PostgreSQL of its own. Allow a finding, with the reason, in tools/migration/check/exceptions.ts.

  --base <branch>     where migrations land; otherwise origin/HEAD, or HEAD without a remote
  --released <tag>    the version that runs now; otherwise the newest tag. Without tags, only the code here is looked at
  --json              prints a list of {service, migration, rule, text}

  DATABASE_URL_<SERVICE>   a database to look for pending migrations in; otherwise that of the suite that npm start runs

Examples
  scripts/check-migrations.sh
  scripts/check-migrations.sh auth --released v1.4.0
  scripts/check-migrations.sh --base origin/main --json`;

const options = { base: { type: 'string' }, released: { type: 'string' }, json: { type: 'boolean' } } as const;

export const checkMigrations: Command = async (args, environment) => {
  const parsed = parse('check-migrations', args, options);
  if (parsed === undefined) return void console.log(help);
  const { base = landingBranch(root), released = newestRelease(root), json = false } = parsed.values;
  const chosen = servicesIn(parsed.positionals);
  const isChosen = ({ service }: Pick<Finding, 'service'>) => chosen.some((name) => service === name);
  const checked = { edited: checkEdited(base), ...(await checkPending(chosen, surroundings(environment))) };
  const found = [
    ...checked.edited.filter((finding) => finding.service === 'all' || isChosen(finding)),
    ...checked.pending,
    ...(await checkReplayed(chosen, released)),
  ];
  const findings = judge(
    found.filter((finding) => !isOnEmptyDatabase(finding)),
    exceptions.filter(
      ({ service, rule }) => isChosen({ service }) && (base !== undefined || !rule.startsWith('edited:')),
    ),
  );
  if (json) console.log(JSON.stringify(findings, null, 2));
  else
    print(findings, [
      ...checked.absent,
      ...(base === undefined ? ['edited migrations: the Git history is not here'] : []),
    ]);
  return findings.length === 0 ? undefined : 1;
};

function servicesIn(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.find((name) => !services.some((service) => service === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no service ${unknown}. The services are ${serviceNames.join(', ')}.`);
  return services.filter((service) => names.length === 0 || names.includes(service));
}

function checkEdited(base: string | undefined): Finding[] {
  return base === undefined ? [] : editedMigrations(root, base);
}

async function checkPending(
  chosen: readonly ServiceName[],
  variables: Variables,
): Promise<{ pending: Finding[]; absent: string[] }> {
  const pending: Finding[] = [];
  const absent: string[] = [];
  for (const service of chosen) {
    const variable = `DATABASE_URL_${service.toUpperCase()}`;
    const url = variables[variable];
    if (!url) {
      absent.push(`pending migrations of ${service}: ${variable} is not set, and npm start does not run`);
      continue;
    }
    const state = await schemaState(url, (await databaseOf(service)).migrations);
    const text = 'The database has not had it. Run: npm run migrate';
    pending.push(...state.pending.map((migration) => ({ service, migration, rule: 'pending', text })));
  }
  return { pending, absent };
}

async function checkReplayed(chosen: readonly ServiceName[], released: string | undefined): Promise<Finding[]> {
  const postgres = await startTestPostgres();
  try {
    const found: Finding[] = [];
    for (const service of chosen) {
      const { migrations } = await databaseOf(service);
      const target = { service, replay: await replay(await emptyDatabase(postgres.url, service), migrations) };
      const before = released === undefined ? undefined : releasedOf(root, service, released);
      const code = () => codeOf(root, service);
      found.push(...(await findingsOf({ ...target, code, ...(before !== undefined && { released: before }) })));
    }
    return found;
  } finally {
    await postgres.stop();
  }
}

async function emptyDatabase(server: string, name: string): Promise<string> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

function print(findings: readonly Finding[], absent: readonly string[]): void {
  for (const { service, migration, rule, text } of findings) {
    console.log(`${styleText('red', rule)}  ${service} ${migration}\n  ${text}`);
  }
  for (const what of absent) console.log(styleText('dim', `Not checked: ${what}`));
  if (findings.length === 0) console.log(styleText('green', 'The migrations have no problem.'));
}
