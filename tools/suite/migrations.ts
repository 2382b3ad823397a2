import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { provisionDatabase, runMigrations } from '#libs/database';
import type { MigrationInterface } from 'typeorm';
import { root } from '#libs/local';
import type { Secrets } from './secrets';

export interface ServiceDatabase {
  readonly ownerUrl: string;
  readonly serviceUrl: string;
  /** The migrations that ran now. */
  readonly migrated: readonly string[];
}

/** Prepares the service's own database and roles, with an up-to-date schema. */
export async function prepareDatabase(
  adminUrl: string,
  service: ServiceName,
  secrets: Secrets,
): Promise<ServiceDatabase> {
  const urls = await provisionDatabase(adminUrl, service, secrets.databasePasswords(service));
  return { ...urls, migrated: await runMigrations(urls.ownerUrl, await migrationsOf(service)) };
}

type Migration = new () => MigrationInterface;

/** The compiled classes of `apps/<service>/src/migrations`, in the order of their timestamps. */
export async function migrationsOf(service: ServiceName): Promise<Migration[]> {
  const folder = join(root, 'dist', 'apps', service, 'src', 'migrations');
  const files = globSync('*.js', { cwd: folder }).sort();
  const modules: unknown[] = await Promise.all(files.map((file) => import(join(folder, file))));
  return modules.flatMap(exportsOf).filter(isMigration);
}

function exportsOf(loaded: unknown): unknown[] {
  return typeof loaded === 'object' && loaded !== null ? Object.values(loaded) : [];
}

function isMigration(exported: unknown): exported is Migration {
  // TypeORM reads the time from the class's name.
  return typeof exported === 'function' && /\d{13}$/.test(exported.name);
}
