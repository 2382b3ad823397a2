import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schemaDifference } from '#libs/database';
import { root } from '#libs/local';
import { resultOf, testDatabase } from '#libs/testing';
import { Client } from 'pg';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { migration, writeMigration } from './command';
import { sourceOf, withMigration, withoutQuotes } from './source';

@Entity('plans')
@Check('plans_price_check', 'price >= 0')
class Plan {
  @PrimaryColumn('uuid') id!: string;
  @Index() @Column('text', { default: 'free' }) name!: string;
  @Column('int') price!: number;
}

describe('npm run migration', () => {
  it('writes statements that create what the entities declare, and that undo it', async () => {
    const { url } = await testDatabase();
    const declared = { url, service: 'billing' as const, entities: [Plan] };
    const { up, down } = await schemaDifference(declared);
    expect(up.map(withoutQuotes)).toEqual([
      `CREATE TABLE plans (id uuid NOT NULL, name text NOT NULL DEFAULT 'free', price integer NOT NULL, CONSTRAINT plans_price_check CHECK (price >= 0), CONSTRAINT plans_pkey PRIMARY KEY (id))`,
      'CREATE INDEX plans_name_idx ON plans (name)',
    ]);
    await run(url, up.map(withoutQuotes));
    expect((await schemaDifference(declared)).up).toEqual([]);
    await run(url, down.map(withoutQuotes));
    expect((await schemaDifference(declared)).up).toEqual(up);
  });

  it('quotes reserved words and escapes characters that would end the text', () => {
    expect(withoutQuotes('ALTER TABLE "public"."plans" ADD "order" text')).toBe('ALTER TABLE plans ADD "order" text');
    const source = sourceOf({ time: 1, name: 'a', up: ["SELECT 'a`${b}'"], down: [] });
    expect(source).toContain("query(`SELECT 'a\\`\\${b}'`)");
  });

  it('adds the migration at the end of its service’s list', () => {
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-migration-'));
    try {
      mkdirSync(join(folder, 'migrations'));
      const before = readFileSync(join(root, 'apps', 'auth', 'src', 'database.ts'), 'utf8');
      writeFileSync(join(folder, 'database.ts'), before);
      const written = { time: 1_800_000_000_000, name: 'add-plans', up: ['SELECT 1'], down: ['SELECT 2'] };
      const [file = '', list = ''] = writeMigration(folder, written);
      expect(readFileSync(file, 'utf8')).toContain('class AddPlans1800000000000 implements MigrationInterface');
      expect(readFileSync(list, 'utf8')).toMatch(/ AddPlans1800000000000\];/);
      expect(readFileSync(list, 'utf8')).toContain("from './migrations/1800000000000-add-plans';");
      expect(() => writeMigration(folder, written)).toThrow('EEXIST');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each(['auth', 'billing', 'gateway', 'notification'])('finds the list of %s', (service) => {
    const source = readFileSync(join(root, 'apps', service, 'src', 'database.ts'), 'utf8');
    const after = withMigration(source, { time: 1_800_000_000_000, name: 'x' });
    expect(after.replaceAll(/,? ?X1800000000000/g, '').length).toBeLessThan(after.length);
    expect(after.match(/X1800000000000/g)).toHaveLength(2);
  });

  it.each([
    ['nothing', []],
    ['another verb', ['undo', 'auth', 'x']],
    ['a service that there is not', ['create', 'shipping', 'x']],
    ['a name that is a path', ['create', 'auth', '../x']],
    ['a name in capitals', ['create', 'auth', 'AddX']],
  ])('refuses %s', async (_, args) => {
    expect(await resultOf(migration, args, {})).toMatchObject({ code: 2 });
  });
});

async function run(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
