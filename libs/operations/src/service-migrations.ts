import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import { root } from '#libs/local';
import type { MigrationInterface } from 'typeorm';

const load = createRequire(__filename);

export type Migration = new () => MigrationInterface;

/** The compiled classes of `apps/<service>/src/migrations`, oldest first. */
export function migrationsOf(service: ServiceName): Migration[] {
  const folder = join(root, 'dist', 'apps', service, 'src', 'migrations');
  const files = globSync('*.js', { cwd: folder }).sort();
  const modules: unknown[] = files.map((file): unknown => load(join(folder, file)));
  return modules.flatMap(exportsOf).filter(isMigration);
}

function exportsOf(loaded: unknown): unknown[] {
  return typeof loaded === 'object' && loaded !== null ? Object.values(loaded) : [];
}

function isMigration(exported: unknown): exported is Migration {
  // TypeORM reads the time from the class's name.
  return typeof exported === 'function' && /\d{13}$/.test(exported.name);
}
