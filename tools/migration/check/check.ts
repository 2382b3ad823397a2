import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from './finding';
import { git } from './git';
import { namesIn, usesOfColumn, usesOfTable, type NamedIn, type Names, type SourceFile } from './names';
import type { Replay, Replayed } from './replay';
import { squawk } from './squawk';

export interface Target {
  readonly service: string;
  readonly replay: Replay;
  /** Of the working tree: what comes after these migrations. */
  readonly code: () => Names;
  /** Of the newest release, whose replicas still run while a deployment replaces them. Undefined before the first. */
  readonly released?: { readonly ref: string; readonly code: Names; readonly migrations: readonly string[] };
}

/** What is wrong with the migrations of one service, except for what only git or a database can tell. */
export async function findingsOf({ service, replay, code: readCode, released }: Target): Promise<Finding[]> {
  const { migrations } = replay;
  const removes = migrations.some(({ changes }) => changes.gone.length + changes.goneTables.length > 0);
  const code = removes ? readCode() : { statements: [], entityColumns: [] };
  const found = await squawk(migrations);
  return [
    ...migrations.flatMap(({ name, downFault }) =>
      downFault === undefined ? [] : [{ service, migration: name, rule: 'down', text: downFault }],
    ),
    ...migrations.flatMap((migration) => lostColumns(service, migration)),
    ...migrations.flatMap((migration) => namedIn({ service, migration, replay, code, where: 'The code' })),
    ...migrations
      .filter(({ name }) => released !== undefined && !released.migrations.includes(name))
      .flatMap((migration) =>
        released === undefined
          ? []
          : namedIn({ service, migration, replay, code: released.code, where: `Release ${released.ref}` }),
      ),
    ...found.map((finding) => ({ service, ...finding })),
  ];
}

/** TypeORM drops a column and adds another one when a property is renamed or its type changes. */
function lostColumns(service: string, { name, changes }: Replayed): Finding[] {
  return changes.gone.flatMap(({ table, column, renamedTo }) => {
    const added = changes.added.filter((other) => other.table === table).map((other) => other.column);
    if (renamedTo !== undefined || added.length === 0) return [];
    const what = `Drops ${table}.${column} and adds ${added.join(', ')}, so its values are lost.`;
    const remedy = 'If this is a rename, keep the data: add the column, copy it, and drop the old one a release later.';
    return [{ service, migration: name, rule: 'lost-column', text: `${what} ${remedy}` }];
  });
}

interface Naming extends Pick<Target, 'service' | 'replay'> {
  readonly code: Names;
  readonly migration: Replayed;
  readonly where: string;
}

function namedIn({ service, migration, replay, code, where }: Naming): Finding[] {
  const { gone, goneTables } = migration.changes;
  const { columns } = replay.end;
  const finding = (what: string, renamedTo: string | undefined, uses: readonly NamedIn[]): Finding[] => {
    if (uses.length === 0) return [];
    const change = renamedTo === undefined ? 'Drops' : 'Renames';
    const places = uses.slice(0, 3).map(({ file, line }) => `${file}:${line}`);
    const text = `${change} ${what}. ${where} still names it: ${places.join(', ')}.`;
    return [{ service, migration: migration.name, rule: 'still-named', text }];
  };
  const isThereAgain = (table: string, column?: string) =>
    columns.some((row) => row.table === table && (column === undefined || row.column === column));
  return [
    ...gone
      .filter(({ table, column }) => !isThereAgain(table, column))
      .flatMap(({ table, column, renamedTo }) => {
        const others = columns.filter((row) => row.column === column).map((row) => row.table);
        return finding(`${table}.${column}`, renamedTo, usesOfColumn(code, { table, column }, others));
      }),
    ...goneTables
      .filter(({ table }) => !isThereAgain(table))
      .flatMap(({ table, renamedTo }) => finding(table, renamedTo, usesOfTable(code, table))),
  ];
}

const isOwn = (file: string) => !/\.spec\.ts$|\/fixtures\/|\/migrations\/|^libs\/testing\//.test(file);

export function codeOf(folder: string, service: string): Names {
  const files = globSync([`apps/${service}/src/**/*.ts`, 'libs/*/src/**/*.ts'], { cwd: folder }).filter(isOwn);
  return namesIn(files.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') })));
}

/** What a service was at a tag or commit. Undefined when it was not there. */
export function releasedOf(folder: string, service: string, ref: string): Target['released'] {
  const listed = git(folder, 'ls-tree', '-r', '--name-only', ref, `apps/${service}/src`, 'libs');
  const files = listed?.split('\n').filter((file) => file.endsWith('.ts')) ?? [];
  const migrations = files
    .filter((file) => file.includes('/migrations/'))
    .flatMap((file) => [...(git(folder, 'show', `${ref}:${file}`) ?? '').matchAll(/export class (\w+\d{13})\b/g)])
    .map(([, name = '']) => name);
  const sources = files
    .filter(isOwn)
    .map((file): SourceFile => ({ file, text: git(folder, 'show', `${ref}:${file}`) ?? '' }));
  return migrations.length === 0 ? undefined : { ref, code: namesIn(sources), migrations };
}
