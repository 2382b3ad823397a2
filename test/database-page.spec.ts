import { testDatabase } from '#libs/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { MigrationInterface } from 'typeorm';
import { z } from 'zod';
import { migrations as auth } from '../apps/auth/src/database';
import { root } from '#libs/local';
import { databaseOf, services } from '../tools/suite/apps';

type Migration = new () => MigrationInterface;

const index = z.object({ name: z.string(), table: z.string(), definition: z.string() });

/** Returns each index as `name: table (columns)`, as PostgreSQL prints them. */
async function indexesOf(service: string, migrations: readonly Migration[]): Promise<string[]> {
  const { url } = await testDatabase(service, migrations);
  const rows = await rowsOf(
    url,
    `SELECT indexname AS name, tablename AS table, indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'`,
  );
  return z.array(index).parse(rows).map(described).toSorted();
}

async function rowsOf(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function described({ name, table, definition }: z.output<typeof index>): string {
  const [, unique, columns] = /^CREATE (UNIQUE )?INDEX .* USING btree (.*)$/.exec(definition) ?? [];
  return `${name}: ${table} ${unique === undefined ? '' : 'unique '}${columns}`;
}

const page = readFileSync(join(root, 'docs', 'database.md'), 'utf8');

function listedUnder(heading: string): string[] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const [own = ''] = section.split('\n## ');
  return [...own.matchAll(/^\| `([^`]+)` +\| `([^`]+)` +\| \S.* \|$/gm)].map(([, name, on]) => `${name}: ${on}`);
}

it.each(services)('docs/database.md lists exactly the indexes of %s', async (service) => {
  const { migrations } = await databaseOf(service);
  const listed = [...listedUnder(service), ...listedUnder('In every one')];
  expect(listed.toSorted()).toEqual(await indexesOf(service, migrations));
});

it('docs/database.md names the tables with row-level security', async () => {
  const { url } = await testDatabase('auth', auth);
  const rows = await rowsOf(url, `SELECT relname AS table FROM pg_class WHERE relrowsecurity AND relforcerowsecurity`);
  const [, sentence = ''] = /an organization's rows: ([^.]*)\./.exec(page) ?? [];
  const named = [...sentence.matchAll(/`(\w+)`/g)].map(([, table]) => table);
  const walled = z.array(z.object({ table: z.string() })).parse(rows);
  expect(named.toSorted()).toEqual(walled.map(({ table }) => table).toSorted());
});
