import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, sep } from 'node:path';
import { serviceNames, type ServiceName } from '#libs/contracts';
import { root } from '#libs/local';
import { z } from 'zod';

/** What `apps/<name>/src/index.ts` exports, as `defineService` makes it. */
const declaration = z.object({
  service: z.object({ name: z.enum(serviceNames), variables: z.array(z.string()) }),
});

/** A service is a folder in apps/ with a main.ts. Their order decides their ports. */
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

/** The environment variables that the service declares. */
export function variablesOf(service: ServiceName): readonly string[] {
  return variables.get(service) ?? [];
}
