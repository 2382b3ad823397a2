import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { root } from '#libs/local';
import type { MigrationInterface } from 'typeorm';
import { z } from 'zod';

/** The export of `apps/<name>/src/index.ts`, as created by `defineService`. */
const declaration = z.object({
  service: z.object({ name: z.enum(serviceNames), variables: z.array(z.string()) }),
});

/** A service is a folder in apps/ with a main.ts. Their order determines their ports. */
const inApps = globSync('apps/*/src/main.ts', { cwd: root }).map((file) =>
  z.enum(serviceNames).parse(file.split(sep)[1]),
);
export const services: readonly ServiceName[] = serviceNames.filter((name) => inApps.includes(name));

const load = createRequire(__filename);
const variables = new Map(
  services.map((name) => {
    const loaded: unknown = load(join(root, 'dist', 'apps', name, 'src', 'index.js'));
    const { service } = declaration.parse(loaded);
    return [service.name, service.variables];
  }),
);

type Constructor = new () => object;
type Migration = new () => MigrationInterface;

const isClass = z.custom<Constructor>((value) => typeof value === 'function');
/** TypeORM reads the time from the class's name. */
const isMigration = z.custom<Migration>((value) => typeof value === 'function' && /\d{13}$/.test(value.name));
const database = z.object({ entities: z.array(isClass), migrations: z.array(isMigration) });

/** Reads the declaration in `apps/<name>/src/database.ts`. */
export async function databaseOf(service: ServiceName): Promise<z.output<typeof database>> {
  const loaded: unknown = load(join(root, 'dist', 'apps', service, 'src', 'database.js'));
  return database.parse(loaded);
}

/** The environment variables that the service declares. */
export function variablesOf(service: ServiceName): readonly string[] {
  return variables.get(service) ?? [];
}
