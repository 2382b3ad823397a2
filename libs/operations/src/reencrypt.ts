import { styleText } from 'node:util';
import { join } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { createDataSource } from '#libs/database';
import { reencrypt, type EncryptedColumn, type Fernet, type ReencryptionCounts } from '#libs/encryption';
import { z } from 'zod';
import { type Command, databaseUrlOf, fernetOf, parse, surroundings, UsageError } from '#libs/command';
import { root } from '#libs/local';

const help = `npm run reencrypt [-- <service> …]

Re-encrypts every encrypted field with the first key of FIELD_ENCRYPTION_KEY. The services can keep running. If you stop
the command, run it again: it skips the fields that are done.

  FIELD_ENCRYPTION_KEY         the keys, separated by commas: the new one first, then the ones to remove
  DATABASE_URL_<SERVICE>       the database of each service (or DATABASE_URL if you name a single service)
  If neither is set, the command uses those of the suite that npm start runs.

To replace a key
  1. Make a new key:           openssl rand -base64 32 | tr '+/' '-_'
  2. Add it after the old one (FIELD_ENCRYPTION_KEY=old,new) and restart every process. All can now read it.
  3. Put it first (new,old) and restart every process. All now use it.
  4. Run this command with the same keys.
  5. Remove the old key when this command reports no unreadable fields, the queues are empty, and there are no dead
     letters (npm run dead-letters -- list). Queued jobs keep their content encrypted with the old key.

Examples
  npm run reencrypt
  npm run reencrypt -- auth notification
  DATABASE_URL=postgres://… FIELD_ENCRYPTION_KEY=new,old npm run reencrypt -- auth
  node dist/scripts/reencrypt.js auth          in a container, with the environment of the service`;

const declaration = z.object({
  encryptedColumns: z.array(
    z.object({ table: z.string(), id: z.string(), column: z.string(), mixed: z.boolean().exactOptional() }),
  ),
});

export const reencryptFields: Command = async (args, environment) => {
  const parsed = parse('reencrypt', args, {});
  if (parsed === undefined) return void console.log(help);
  const { positionals } = parsed;
  const variables = surroundings(environment);
  const services = servicesOf(positionals);
  const fernet = fernetOf(variables);
  const counts: ReencryptionCounts[] = [];
  for (const service of services) {
    const columns = await columnsOf(service);
    if (columns.length === 0) continue;
    const url = databaseUrlOf(variables, service, positionals.length === 1);
    counts.push(...(await reencryptService(service, columns, url, fernet)));
  }
  return report(counts);
};

function servicesOf(names: readonly string[]): readonly ServiceName[] {
  const unknown = names.filter((name) => !serviceNames.some((service) => service === name));
  if (unknown.length > 0)
    throw new UsageError(`Unknown service: ${unknown.join(', ')}. The services are ${serviceNames.join(', ')}.`);
  return names.length === 0 ? serviceNames : serviceNames.filter((service) => names.includes(service));
}

/** Reads the declaration in `apps/<service>/src/database.ts`. */
async function columnsOf(service: ServiceName) {
  const file = join(root, 'dist', 'apps', service, 'src', 'database.js');
  return declaration.parse(await import(file)).encryptedColumns;
}

async function reencryptService(
  service: ServiceName,
  columns: readonly EncryptedColumn[],
  url: string,
  fernet: Fernet,
): Promise<ReencryptionCounts[]> {
  const source = createDataSource({ url, service, poolSize: 4, entities: [] });
  await source.initialize();
  try {
    let printedAt = performance.now();
    const onProgress = ({ table, column, checked }: Readonly<ReencryptionCounts>) => {
      if (performance.now() - printedAt < 2_000) return;
      printedAt = performance.now();
      console.log(styleText('dim', `${service} ${table}.${column}: ${checked} checked so far`));
    };
    const counts = await reencrypt(source, fernet, columns, { onProgress });
    for (const { table, column, checked, reencrypted } of counts) {
      console.log(`${service} ${table}.${column}: ${checked} checked, ${reencrypted} re-encrypted`);
    }
    return counts;
  } finally {
    await source.destroy();
  }
}

function report(counts: readonly ReencryptionCounts[]): number {
  const unreadable = counts.filter(({ unreadableCount }) => unreadableCount > 0);
  for (const { table, id, column, unreadable: ids, unreadableCount } of unreadable) {
    console.error(
      styleText(
        'red',
        `${table}.${column}: no key decrypts ${unreadableCount} fields. They were not changed. ${id}: ${ids.join(', ')}`,
      ),
    );
  }
  if (unreadable.length > 0) {
    console.error(
      'Add the key that encrypted them to FIELD_ENCRYPTION_KEY and run this command again. Until then, remove no key.',
    );
    return 1;
  }
  console.log(styleText('green', 'All fields are encrypted with the first key.'));
  return 0;
}
