import { alignedTable, parse, surroundings, type Command, type Variables } from '#libs/command';
import { readSecretFiles } from '#libs/config';
import { Logger } from '@nestjs/common';
import { backupChecks } from './backup-checks';
import { runChecks, type Check, type Result } from './check';
import { databaseChecks } from './database-checks';
import { secretChecks } from './secret-checks';
import { serverChecks } from './server-checks';

const help = `npm run doctor [-- <public URL>] [--json]

Checks whether this installation is ready for production: secrets, database roles, migrations, connections, clocks, Redis,
backups, email, TLS, and the addresses of clients. It changes nothing. Exits with 1 if it finds a problem.

  <public URL>   such as https://app.acme.test; otherwise PUBLIC_URL
  --json         prints a list of {check, status, seen, remedy}

  DATABASE_URL_<SERVICE>           as in each service
  REDIS_URL, SMTP_URL, CSRF_SECRET, FIELD_ENCRYPTION_KEY
  BACKUP_METRICS_DIRECTORY         where backups write their metrics

Each secret can come from a file, such as REDIS_URL_FILE. A check without its variable is "absent", which is no problem.

Examples
  npm run doctor -- https://app.acme.test
  npm run doctor -- --json | jq '.[] | select(.status == "problem")'
  node dist/scripts/doctor.js                                          in a container`;

export const doctor: Command = async (args, environment) => {
  const parsed = parse('doctor', args, { json: { type: 'boolean' } });
  if (parsed === undefined) return void console.log(help);
  const [url] = parsed.positionals;
  // The output is for people and programs: what a connection logs is in the findings.
  Logger.overrideLogger(false);
  const results = await runChecks(checksFor(environment, url));
  console.log(parsed.values.json === true ? JSON.stringify(results, null, 2) : tableOf(results));
  return results.some(({ status }) => status === 'problem') ? 1 : undefined;
};

function checksFor(environment: Variables, url: string | undefined): Check[] {
  const around = surroundings(environment);
  const files = Object.keys(around).filter((name) => /^(REDIS_URL|SMTP_URL|CSRF_SECRET)_FILE$/.test(name));
  const read = readSecretFiles(
    files.map((name) => name.replace(/_FILE$/, '')),
    around,
  );
  const variables = url === undefined ? read : { ...read, PUBLIC_URL: url };
  return [
    ...secretChecks(variables, environment),
    ...databaseChecks(variables),
    ...serverChecks(variables),
    ...backupChecks(variables),
  ];
}

function tableOf(results: readonly Result[]): string {
  const rows = results.map(({ check, status, seen, remedy }) => [status, check, seen, remedy]);
  return alignedTable([['STATUS', 'CHECK', 'SEEN', 'REMEDY'], ...rows]);
}
