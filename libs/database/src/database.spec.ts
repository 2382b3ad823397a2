import { testDatabase } from '#libs/testing';
import { ConsoleLogger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Column, DataSource, Entity } from 'typeorm';
import { z } from 'zod';
import { BaseEntity } from './base.entity';
import { createDataSource } from './data-source';
import { databaseModule } from './database.module';
import { newId } from './id';
import { execute, queryRows } from './query';

@Entity('notes')
class Note extends BaseEntity {
  @Column({ type: 'text' })
  firstLine!: string;
}

let url: string;
let dataSource: DataSource;

beforeAll(async () => {
  url = (await testDatabase('database')).url;
  dataSource = await createDataSource({ url, service: 'auth', poolSize: 3, entities: [Note] }).initialize();
  await dataSource.query(`CREATE TABLE notes (
    id uuid PRIMARY KEY, first_line text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now())`);
});
afterAll(() => dataSource.destroy());
beforeEach(() => dataSource.query('DELETE FROM notes'));

it('newId returns version 7 UUIDs that sort by creation time', () => {
  const ids = Array.from({ length: 1000 }, newId);
  expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(1000);
});

it('entities get timestamps, and their camelCase properties are stored in snake_case columns', async () => {
  const saved = await dataSource.manager.save(dataSource.manager.create(Note, { id: newId(), firstLine: 'hello' }));
  const note = await dataSource.manager.findOneByOrFail(Note, { id: saved.id });
  expect(note.firstLine).toBe('hello');
  expect(note.createdAt).toBeInstanceOf(Date);
  const changed = await dataSource.manager.save(Object.assign(note, { firstLine: 'changed' }));
  expect(changed.updatedAt.getTime()).toBeGreaterThan(changed.createdAt.getTime());
});

it('refuses a condition with an undefined value instead of matching every row', async () => {
  const forgotten = JSON.parse('{}');
  await expect(dataSource.manager.findOneBy(Note, { id: forgotten.id })).rejects.toThrow('undefined');
});

describe('raw statements', () => {
  const row = z.object({ id: z.uuid(), first_line: z.string() });
  const insert = (line: string) =>
    queryRows(
      dataSource.manager,
      'INSERT INTO notes (id, first_line) VALUES ($1, $2) RETURNING id, first_line',
      [newId(), line],
      row,
    );

  it('return the rows of INSERT, SELECT, UPDATE and DELETE alike', async () => {
    const [note] = await insert('a');
    expect(note).toEqual({ id: expect.any(String), first_line: 'a' });
    const sql = {
      select: 'SELECT id, first_line FROM notes WHERE first_line = $1',
      update: 'UPDATE notes SET first_line = first_line WHERE first_line = $1 RETURNING id, first_line',
      remove: 'DELETE FROM notes WHERE first_line = $1 RETURNING id, first_line',
    };
    for (const statement of Object.values(sql)) {
      expect(await queryRows(dataSource.manager, statement, ['a'], row)).toEqual([note]);
    }
    expect(await queryRows(dataSource.manager, sql.update, ['a'], row)).toEqual([]);
  });

  it('treat parameters as values, never as SQL', async () => {
    await insert("'; DROP TABLE notes; --");
    expect(await dataSource.manager.count(Note)).toBe(1);
  });

  it('refuse rows of another shape', async () => {
    await insert('a');
    const sql = 'SELECT id, 1 AS first_line FROM notes';
    await expect(queryRows(dataSource.manager, sql, [], row)).rejects.toThrow(z.ZodError);
  });

  it('run in the manager’s transaction', async () => {
    const rolledBack = dataSource.transaction(async (manager) => {
      expect(await execute(manager, "INSERT INTO notes (id, first_line) VALUES ($1, 'a')", [newId()])).toBe(1);
      expect(await execute(manager, "UPDATE notes SET first_line = 'b'", [])).toBe(1);
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    expect(await dataSource.manager.count(Note)).toBe(0);
  });

  it('release their connection, also when they fail', async () => {
    for (let attempt = 0; attempt < 10; attempt++) {
      await expect(queryRows(dataSource.manager, 'SELECT nonsense', [], row)).rejects.toThrow('nonsense');
    }
    expect(await dataSource.manager.count(Note)).toBe(0);
  });
});

describe('the module', () => {
  it('connects under the service’s name', async () => {
    const module = await Test.createTestingModule({
      imports: [databaseModule({ url, service: 'auth', poolSize: 1, entities: [Note] })],
    }).compile();
    const rows = await queryRows(
      module.get(DataSource).manager,
      "SELECT current_setting('application_name') AS name",
      [],
      z.object({ name: z.string() }),
    );
    await module.close();
    expect(rows).toEqual([{ name: 'groundwork auth' }]);
  });

  it('fails at once on a wrong password', async () => {
    const wrong = new URL(url);
    wrong.password = 'wrong';
    const module = Test.createTestingModule({
      imports: [databaseModule({ url: wrong.href, service: 'auth', poolSize: 1, entities: [] })],
    }).setLogger(new ConsoleLogger({ logLevels: [] }));
    await expect(module.compile()).rejects.toMatchObject({ code: '28P01' });
  });
});
