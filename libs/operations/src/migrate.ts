import { parse, UsageError, type Command, type Variables } from '#libs/command';
import { readSecretFiles } from '#libs/config';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { provisionDatabase, runMigrations, schemaState } from '#libs/database';
import { migrationsOf } from './service-migrations';

const help = `npm run migrate [-- <service> …] [--provision] [--check]

Brings the databases of the services to this version's schema. Safe to repeat, and safe when two run at once: one waits for
the other. Without a service it takes all of them.

  --provision   first creates each service's database and its two roles, and sets their passwords
  --check       changes nothing; exits with 1 if a migration is pending, or if a newer version ran one

  DATABASE_URL_<SERVICE>_OWNER        the database as the role that owns the tables, such as
                                      postgres://groundwork_auth_owner:…@db:5432/groundwork_auth
  with --provision instead:
  DATABASE_ADMIN_URL                  a role that can create databases and roles
  DATABASE_PASSWORD_<SERVICE>_OWNER   the password of groundwork_<service>_owner
  DATABASE_PASSWORD_<SERVICE>         the password of groundwork_<service>, which the service itself uses

Each of them can come from a file: DATABASE_ADMIN_URL_FILE=/run/secrets/database_admin_url.

Examples
  npm run migrate -- --check
  npm run migrate -- auth billing
  node dist/scripts/migrate.js --provision      in a container`;

export const migrate: Command = async (args, environment) => {
  const parsed = parse('migrate', args, { provision: { type: 'boolean' }, check: { type: 'boolean' } });
  if (parsed === undefined) return void console.log(help);
  const services = servicesIn(parsed.positionals);
  const variables = withFiles(environment);
  const { provision = false, check = false } = parsed.values;
  if (provision && check) throw new UsageError('--check changes nothing, so it cannot go with --provision.');
  if (check) return checkAll(services, variables);
  for (const service of services) await migrateService(service, variables, provision);
  return undefined;
};

function servicesIn(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.find((name) => !serviceNames.some((service) => service === name));
  if (unknown !== undefined)
    throw new UsageError(`There is no service ${unknown}. The services are ${serviceNames.join(', ')}.`);
  return serviceNames.filter((service) => names.length === 0 || names.includes(service));
}

function withFiles(environment: Variables): Variables {
  const files = Object.keys(environment).filter((name) => /^DATABASE_\w+_FILE$/.test(name));
  return readSecretFiles(
    files.map((name) => name.replace(/_FILE$/, '')),
    environment,
  );
}

async function migrateService(service: ServiceName, variables: Variables, provision: boolean): Promise<void> {
  const url = provision ? await provisioned(service, variables) : ownerUrlOf(service, variables);
  const ran = await runMigrations(url, migrationsOf(service));
  const what = ran.length === 0 ? 'up to date' : `ran ${ran.join(', ')}`;
  console.log(`${service}: ${what}`);
}

async function provisioned(service: ServiceName, variables: Variables): Promise<string> {
  const name = service.toUpperCase();
  const { ownerUrl } = await provisionDatabase(required(variables, 'DATABASE_ADMIN_URL'), service, {
    ownerPassword: required(variables, `DATABASE_PASSWORD_${name}_OWNER`),
    servicePassword: required(variables, `DATABASE_PASSWORD_${name}`),
  });
  return ownerUrl;
}

async function checkAll(services: readonly ServiceName[], variables: Variables): Promise<number | undefined> {
  let differs = false;
  for (const service of services) {
    const { pending, unknown } = await schemaState(ownerUrlOf(service, variables), migrationsOf(service));
    differs ||= pending.length > 0 || unknown.length > 0;
    for (const name of pending) console.log(`${service}: pending ${name}`);
    for (const name of unknown) console.log(`${service}: a newer version ran ${name}`);
    if (pending.length === 0 && unknown.length === 0) console.log(`${service}: up to date`);
  }
  return differs ? 1 : undefined;
}

function ownerUrlOf(service: ServiceName, variables: Variables): string {
  return required(variables, `DATABASE_URL_${service.toUpperCase()}_OWNER`);
}

function required(variables: Variables, name: string): string {
  const value = variables[name];
  if (!value) throw new UsageError(`${name} is not set. Set it, or ${name}_FILE to the file that holds it.`);
  return value;
}
