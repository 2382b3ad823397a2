import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { controllers } from '../gateway.module';
import { describedRoutes, type DescribedRoute } from '../openapi/routes';

/** One row of `npm run routes`: which code handles a request. */
export interface RouteRow {
  readonly method: string;
  readonly path: string;
  readonly contract: string;
  readonly access: string;
  readonly limits: string;
  /** The file of the service's handler, after the gateway's controller if the route is written by hand. */
  readonly file: string;
}

/** Every route of the API with its contract and the files that handle it, found by searching the sources. */
export function routeRows(root: string): RouteRow[] {
  const sources = globSync('apps/*/src/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.spec.ts'))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  const holding = (text: string) => sources.filter((source) => source.text.includes(text)).map(({ file }) => file);
  return describedRoutes(controllers)
    .map((route) => rowOf(route, holding))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function rowOf(
  { controller, method, path, access, limits, operation }: DescribedRoute,
  holding: (text: string) => string[],
): RouteRow {
  const { contract } = operation;
  const name = contract?.name.slice(contract.name.indexOf('.') + 1);
  const files = [...holding(`class ${controller} `), ...(name === undefined ? [] : holding(`@Handles(${name})`))];
  const plain = files.length > 1 && controller === 'ContractRoutes' ? files.slice(1) : files;
  return {
    method: method.toUpperCase(),
    path,
    contract: contract?.name ?? '-',
    access: contract?.access ?? access,
    limits: limits.join(', '),
    file: plain.join(' → '),
  };
}
