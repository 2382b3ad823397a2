import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { misunderstood, parse, UsageError, type Command } from '#libs/command';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { runMigrations, schemaDifference } from '#libs/database';
import { root } from '#libs/local';
import { z } from 'zod';
import { databaseOf } from '../suite/apps';
import { startTestPostgres } from '../suite/test-postgres';
import { fileNameOf, sourceOf, withMigration, withoutQuotes, type Migration } from './source';

const help = `npm run migration -- generate <service> <name>
npm run migration -- create <service> <name>

Writes a migration and adds it to database.ts of the service.

  generate   compare the entities with a new database that has all migrations, and write the missing statements
  create     write an empty migration, for what TypeORM does not support: data, policies, triggers, expression indexes

Write the name in lowercase with hyphens. Review a generated migration before you commit it.

Examples
  npm run migration -- generate auth add-nicknames
  npm run migration -- create billing fill-plans`;

const name = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);

export const migration: Command = async (args) => {
  const parsed = parse('migration', args, {});
  if (parsed === undefined) return void console.log(help);
  const [kind, service, named, ...rest] = parsed.positionals;
  if ((kind !== 'generate' && kind !== 'create') || rest.length > 0) throw misunderstood('migration', args);
  const where = z.enum(serviceNames).safeParse(service);
  if (!where.success) throw new UsageError(`Name a service: ${serviceNames.join(', ')}.`);
  const what = name.safeParse(named);
  if (!what.success) throw new UsageError('Write the name in lowercase with hyphens, such as add-nicknames.');
  const statements = kind === 'create' ? { up: [''], down: [''] } : await missing(where.data);
  if (statements.up.length === 0) {
    console.log(`The entities of ${where.data} match its migrations. There is nothing to generate.`);
    return undefined;
  }
  const folder = join(root, 'apps', where.data, 'src');
  const files = writeMigration(folder, { time: timeAfter(join(folder, 'migrations')), name: what.data, ...statements });
  formatFiles(files);
  console.log(`Written: ${files.map((file) => relative(root, file)).join(', ')}`);
  if (kind === 'generate') console.log('Review it before you commit it. List new indexes in docs/database.md.');
  return undefined;
};

/** @returns the changes that a database with all migrations lacks */
async function missing(service: ServiceName): Promise<Pick<Migration, 'up' | 'down'>> {
  const { entities, migrations } = await databaseOf(service);
  const { url, stop } = await startTestPostgres();
  try {
    await runMigrations(url, migrations);
    const { up, down } = await schemaDifference({ url, service, entities });
    return { up: up.map(withoutQuotes), down: down.map(withoutQuotes) };
  } finally {
    await stop();
  }
}

/** Returns a time after all existing migrations, whatever this machine's clock says. */
function timeAfter(folder: string): number {
  const times = readdirSync(folder).map((file) => Number.parseInt(file, 10));
  return Math.max(Date.now(), ...times.filter((time) => !Number.isNaN(time)).map((time) => time + 1));
}

/**
 * @param folder `src` of the service
 * @returns the files that it wrote
 */
export function writeMigration(folder: string, written: Migration): string[] {
  const [file, list] = [join(folder, 'migrations', fileNameOf(written)), join(folder, 'database.ts')];
  writeFileSync(file, sourceOf(written), { flag: 'wx' });
  writeFileSync(list, withMigration(readFileSync(list, 'utf8'), written));
  return [file, list];
}

function formatFiles(files: readonly string[]): void {
  execFileSync(process.execPath, [join(root, 'node_modules', 'oxfmt', 'bin', 'oxfmt'), ...files], { cwd: root });
}
