import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';

/** Statements that write a table outside its home, and the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'sign_in_attempts in apps/auth/src/session/session/sessions.table.ts':
    'One statement starts a session and forgives the attempts that led to it, so that a sign-in needs no transaction. Attempts belong to an area above.',
};

/** Files that write any table that they are given, and the reason. */
const anyTable: Readonly<Record<string, string>> = {
  'libs/database/src/delete-in-batches.ts': 'Deletes what retention names as expired, for every service.',
  'libs/encryption/src/reencrypt.ts': 'Brings the encrypted columns that a service names under the newest key.',
};

const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root })
  .filter((file) => !/\.spec\.ts$|\/fixtures\/|\/migrations\/|^libs\/testing\//.test(file))
  .toSorted();
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

interface Home {
  readonly table: string;
  readonly entity: string;
  readonly file: string;
}

const homes: readonly Home[] = [...sources].flatMap(([file, source]) =>
  [...source.matchAll(/@Entity\('(\w+)'\)(?:(?!@Entity)[\s\S])*?export class (\w+)/g)].map(
    ([, table = '', entity = '']) => ({ table, entity, file }),
  ),
);
const tableOfEntity = new Map(homes.map(({ entity, table }) => [entity, table]));
const tables = new Set(homes.map(({ table }) => table));

const statement =
  /\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE|MERGE\s+INTO|TRUNCATE|COPY)\s+(?:ONLY\s+)?(?:public\.)?([a-z_]+)\b/g;
const typed =
  /\.(?:insert|update|upsert|save|delete|remove|increment|decrement|clear|into|getRepository)\(\s*([A-Z]\w*)\b/g;

function tablesWrittenIn(source: string): Set<string> {
  const named = [...source.matchAll(statement)].map(([, table = '']) => table);
  const called = [...source.matchAll(typed)].map(([, entity = '']) => tableOfEntity.get(entity) ?? '');
  return new Set([...named, ...called].filter((table) => tables.has(table)));
}

const writes = [...sources].flatMap(([file, source]) => [...tablesWrittenIn(source)].map((table) => ({ table, file })));
const isHome = ({ table, file }: { readonly table: string; readonly file: string }) =>
  homes.some((home) => home.table === table && home.file === file);

it('finds the tables and the statements that write them', () => {
  expect(tables.size).toBeGreaterThan(25);
  expect(new Set(writes.map(({ table }) => table))).toEqual(tables);
});

it('declares each table in one file that is named after it', () => {
  expect(homes.map(({ table }) => table)).toEqual([...tables]);
  const nameOf = (file: string) => /([^/]+)\.table\.ts$/.exec(file)?.[1]?.replaceAll('-', '_');
  expect(homes.filter(({ table, file }) => !table.startsWith(nameOf(file) ?? '?'))).toEqual([]);
});

it('writes each table only in its home', () => {
  const second = writes.filter((write) => !isHome(write)).map(({ table, file }) => `${table} in ${file}`);
  expect(second.toSorted()).toEqual(Object.keys(exceptions).toSorted());
});

it('builds no statement for a table passed as a parameter, except where that is the point', () => {
  const dynamic = /\b(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+\$\{/;
  const found = [...sources].filter(([, source]) => dynamic.test(source)).map(([file]) => file);
  expect(found).toEqual(Object.keys(anyTable));
});
