import { root } from '#libs/local';
import { resultOf, resultOfProgram, testDatabase } from '#libs/testing';
import type { QueryRunner } from 'typeorm';
import { databaseOf, services } from '../../suite/apps';
import { codeOf, findingsOf } from './check';
import { checkMigrations } from './command';
import { isOnEmptyDatabase } from './exceptions';
import { namesIn } from './names';
import { replay, type MigrationClass } from './replay';

interface Sql {
  readonly up: string;
  readonly down?: string;
  readonly transaction?: boolean;
}

function migration(name: string, { up, down, transaction = true }: Sql): MigrationClass {
  const Class: MigrationClass = class {
    readonly name = name;
    readonly transaction = transaction;
    up = async (queryRunner: QueryRunner) => void (await queryRunner.query(up));
    down = async (queryRunner: QueryRunner) => {
      if (down !== undefined) await queryRunner.query(down);
    };
  };
  Object.defineProperty(Class, 'name', { value: name });
  return Class;
}

const first = migration('CreatePlans1800000000000', {
  up: 'CREATE TABLE plans (id uuid PRIMARY KEY, name text, price integer, owner_id uuid)',
  down: 'DROP TABLE plans',
});

/** The findings for a migration after one that creates the table plans, in code that has this source. */
async function find(sql: Sql, source = '', releasedSource?: string) {
  const { url } = await testDatabase('migrations');
  const code = () => namesIn([{ file: 'plans.table.ts', text: source }]);
  const released =
    releasedSource === undefined
      ? {}
      : {
          released: { ref: 'v1', code: namesIn([{ file: 'old.ts', text: releasedSource }]), migrations: [first.name] },
        };
  const replayed = await replay(url, [first, migration('ChangePlans1800000000001', sql)]);
  const found = await findingsOf({ service: 'billing', replay: replayed, code, ...released });
  return found.map(({ migration: name, rule, text }) => ({ migration: name, rule, text }));
}

const rulesOf = (found: readonly { readonly rule: string }[]) => found.map(({ rule }) => rule).toSorted();

it('accepts a migration that locks nothing for long, loses nothing, and can be undone', async () => {
  const up = 'ALTER TABLE plans ADD COLUMN note text';
  expect(await find({ up, down: 'ALTER TABLE plans DROP COLUMN note' })).toEqual([]);
});

it.each([
  ['a missing down', undefined, /^down does nothing/],
  ['a down that fails', 'DROP TABLE nowhere', /^down fails: .*nowhere/],
  ['a down that leaves something', 'SELECT 1', /^down does not undo up: it leaves the column plans\.note text/],
  [
    'a down that takes too much',
    'ALTER TABLE plans DROP COLUMN note, DROP COLUMN name',
    /it lacks the column plans\.name/,
  ],
])('finds %s', async (_what, down, text) => {
  const found = await find({ up: 'ALTER TABLE plans ADD COLUMN note text', ...(down !== undefined && { down }) });
  expect(found).toEqual([{ migration: 'ChangePlans1800000000001', rule: 'down', text: expect.stringMatching(text) }]);
});

it('finds the column that TypeORM drops and adds when a property is renamed, or gets another type', async () => {
  const down = 'ALTER TABLE plans DROP COLUMN title; ALTER TABLE plans ADD COLUMN name text';
  const renamed = await find({
    up: 'ALTER TABLE plans DROP COLUMN name; ALTER TABLE plans ADD COLUMN title text',
    down,
  });
  expect(renamed).toContainEqual(
    expect.objectContaining({ rule: 'lost-column', text: expect.stringMatching(/^Drops plans\.name and adds title/) }),
  );
  const retyped = await find({ up: 'ALTER TABLE plans DROP COLUMN price, ADD COLUMN price bigint', down: 'SELECT 1' });
  expect(rulesOf(retyped)).toContain('lost-column');
});

it('finds statements that block others while PostgreSQL reads or rewrites the table', async () => {
  const up = `CREATE INDEX plans_name_idx ON plans (name);
    ALTER TABLE plans ADD COLUMN note text NOT NULL;
    ALTER TABLE plans ALTER COLUMN price TYPE text;
    ALTER TABLE plans ADD CONSTRAINT plans_owner_check CHECK (owner_id IS NOT NULL);
    ALTER TABLE plans ALTER COLUMN name SET NOT NULL`;
  const found = await find({ up, down: 'SELECT 1' });
  expect(rulesOf(found)).toEqual([
    'down',
    'squawk:adding-not-nullable-field',
    'squawk:adding-required-field',
    'squawk:changing-column-type',
    'squawk:constraint-missing-not-valid',
    'squawk:require-concurrent-index-creation',
  ]);
});

it('accepts the same on a table that the migration creates', async () => {
  const up =
    'CREATE TABLE notes (id uuid PRIMARY KEY, text text NOT NULL); CREATE INDEX notes_text_idx ON notes (text)';
  expect(await find({ up, down: 'DROP TABLE notes' })).toEqual([]);
});

it('accepts an index that is built concurrently, outside of a transaction', async () => {
  const up = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS plans_name_idx ON plans (name)';
  const down = 'DROP INDEX CONCURRENTLY IF EXISTS plans_name_idx';
  expect(await find({ up, down, transaction: false })).toEqual([]);
});

describe('a column that is dropped', () => {
  const sql = { up: 'ALTER TABLE plans DROP COLUMN price', down: 'ALTER TABLE plans ADD COLUMN price integer' };
  it.each([
    ['SQL', 'const a = 1;\nconst sql = `SELECT id FROM plans WHERE price > ${a}`;', 'plans.table.ts:2'],
    ['an entity', "@Entity('plans')\nclass Plan {\n  @Column('int') price!: number;\n}", 'plans.table.ts:3'],
    [
      'an entity by another name',
      "@Entity('plans')\nclass Plan {\n  @Column('int', { name: 'price' }) cost!: number;\n}",
      ':3',
    ],
  ])('is a problem while %s names it', async (_what, source, place) => {
    const named = (await find(sql, source)).filter(({ rule }) => rule === 'still-named');
    expect(named).toEqual([
      expect.objectContaining({ text: expect.stringMatching(/^Drops plans\.price\. The code still names it: /) }),
    ]);
    expect(named[0]?.text).toContain(place);
  });

  it('is a problem while the newest release names it, whose replicas still run', async () => {
    const found = await find(sql, '', "query('SELECT price FROM plans')");
    expect(found.filter(({ rule }) => rule === 'still-named')).toEqual([
      expect.objectContaining({ text: 'Drops plans.price. Release v1 still names it: old.ts:1.' }),
    ]);
  });

  it('is none when nothing names it, or only prose or another table', async () => {
    const source = "log('The price of plans changed.');\nconst sql = 'SELECT id FROM plans';";
    expect(rulesOf(await find(sql, source, source))).not.toContain('still-named');
  });
});

it('finds a renamed column and a dropped table that the code names', async () => {
  const up = 'ALTER TABLE plans RENAME COLUMN owner_id TO user_id';
  const renamed = await find(
    { up, down: 'ALTER TABLE plans RENAME COLUMN user_id TO owner_id' },
    "'SELECT owner_id FROM plans'",
  );
  expect(renamed).toContainEqual(
    expect.objectContaining({ rule: 'still-named', text: expect.stringMatching(/^Renames plans\.owner_id\./) }),
  );
  const dropped = await find({ up: 'DROP TABLE plans', down: 'SELECT 1' }, "'SELECT id FROM plans'");
  expect(dropped).toContainEqual(
    expect.objectContaining({ rule: 'still-named', text: expect.stringMatching(/^Drops plans\./) }),
  );
});

it.each(services)('the migrations of %s have no problem', async (service) => {
  const { url } = await testDatabase('migrations');
  const { migrations } = await databaseOf(service);
  const found = await findingsOf({ service, replay: await replay(url, migrations), code: () => codeOf(root, service) });
  expect(found.filter((finding) => !isOnEmptyDatabase(finding))).toEqual([]);
});

it('reports pending migrations of the database that it is given', async () => {
  const environment = { DATABASE_URL_BILLING: (await testDatabase('migrations')).url };
  const { code, output } = await resultOfProgram('check-migrations', ['billing', '--json'], environment);
  expect(code).toBe(1);
  expect(JSON.parse(output)).toEqual([
    expect.objectContaining({ service: 'billing', rule: 'pending', migration: expect.stringMatching(/\d{13}$/) }),
  ]);
});

it('refuses a service that there is not', async () => {
  expect(await resultOf(checkMigrations, ['shipping'], {})).toEqual({
    code: 2,
    output: expect.stringMatching(/There is no service/),
  });
});
