import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { eventually, spawnProcess, testDatabase } from '#libs/testing';
import { DataSource } from 'typeorm';
import { Fernet } from './fernet';
import { reencrypt, type EncryptedColumn } from './reencrypt';

const newKey = () => `${randomBytes(32).toString('base64url')}=`;
const [olderKey, newerKey] = [newKey(), newKey()];
const before = new Fernet([olderKey]);
const during = new Fernet([newerKey, olderKey]);
const after = new Fernet([newerKey]);
const column: EncryptedColumn = { table: 'secrets', id: 'id', column: 'value' };

const opened: DataSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.destroy()));
});

async function database(
  texts: readonly (string | null)[],
  idType = 'int',
): Promise<{ source: DataSource; url: string }> {
  const { url } = await testDatabase('reencrypt');
  const source = await new DataSource({ type: 'postgres', url, poolSize: 5 }).initialize();
  opened.push(source);
  const create = `CREATE TABLE secrets (id ${idType} PRIMARY KEY, value text)`;
  await source.query(create);
  const fill = `INSERT INTO secrets SELECT ordinality::${idType}, value FROM unnest($1::text[]) WITH ORDINALITY AS given (value)`;
  await source.query(fill, [texts]);
  return { source, url };
}

async function values(source: DataSource): Promise<(string | null)[]> {
  const rows: { value: string | null }[] = await source.query('SELECT value FROM secrets ORDER BY id');
  return rows.map(({ value }) => value);
}

const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);

describe('reencrypt', () => {
  it('re-encrypts every value with the first key, in batches of any size', async () => {
    for (const batchSize of [1, 7, 100, 1000]) {
      const { source } = await database(texts(100).map((text) => before.encrypt(text)));
      const progress: number[] = [];
      const counts = await reencrypt(source, during, [column], {
        batchSize,
        onProgress: ({ checked }) => progress.push(checked),
      });
      expect(counts).toEqual([{ ...column, checked: 100, reencrypted: 100, unreadable: [], unreadableCount: 0 }]);
      expect((await values(source)).map((token) => after.decrypt(token ?? ''))).toEqual(texts(100));
      expect(progress).toHaveLength(Math.ceil(100 / batchSize));
    }
  });

  it('skips NULL and values that already use the first key', async () => {
    const { source } = await database([null, during.encrypt('a'), before.encrypt('b')]);
    const [, current] = await values(source);
    expect(await reencrypt(source, during, [column])).toMatchObject([{ checked: 2, reencrypted: 1 }]);
    expect((await values(source)).slice(0, 2)).toEqual([null, current]);
    expect(await reencrypt(source, during, [column])).toMatchObject([{ checked: 2, reencrypted: 0 }]);
  });

  it('reports values that no key opens, leaves them unchanged and continues', async () => {
    const foreign = new Fernet([newKey()]).encrypt('a');
    const { source } = await database([foreign, 'plaintext', before.encrypt('b')]);
    expect(await reencrypt(source, during, [column])).toMatchObject([
      { checked: 3, reencrypted: 1, unreadable: ['1', '2'], unreadableCount: 2 },
    ]);
    expect((await values(source)).slice(0, 2)).toEqual([foreign, 'plaintext']);
  });

  it('skips texts that are not tokens in a mixed column', async () => {
    const texts = ['{"plain":"json"}', '"gAAAAA"', before.encrypt('a'), '', null, during.encrypt('b')];
    const { source } = await database(texts);
    expect(await reencrypt(source, during, [{ ...column, mixed: true }])).toMatchObject([
      { checked: 2, reencrypted: 1, unreadableCount: 0 },
    ]);
    expect((await values(source)).toSpliced(2, 1)).toEqual(texts.toSpliced(2, 1));
  });

  it('supports keys of any type', async () => {
    const { source } = await database([]);
    await source.query(`
      CREATE TABLE by_uuid ("Id" uuid PRIMARY KEY, value text);
      CREATE TABLE by_bytea ("Id" bytea PRIMARY KEY, value text);
      CREATE TABLE by_text ("Id" text PRIMARY KEY, value text);
      CREATE TABLE by_bigint ("Id" bigint PRIMARY KEY, value text)`);
    const tables = ['by_uuid', 'by_bytea', 'by_text', 'by_bigint'];
    for (let i = 0; i < 30; i++) {
      const ids = [randomUUID(), randomBytes(16), `Ümlaut "${i}'`, `${2n ** 60n + BigInt(i)}`];
      for (const [index, table] of tables.entries()) {
        const insert = `INSERT INTO ${table} VALUES ($1, $2)`;
        await source.query(insert, [ids[index], before.encrypt(table)]);
      }
    }
    const columns = tables.map((table) => ({ table, id: 'Id', column: 'value' }));
    for (const counts of await reencrypt(source, during, columns, { batchSize: 7 })) {
      expect(counts).toMatchObject({ checked: 30, reencrypted: 30, unreadableCount: 0 });
    }
  });

  it('refuses a column that does not exist', async () => {
    const { source } = await database([]);
    await expect(reencrypt(source, during, [{ ...column, column: 'valu"e' }])).rejects.toThrow('does not exist');
  });
});

describe('while the service writes', () => {
  /** Interferes with a row after it was read and before it is replaced. */
  function interfering(source: DataSource, interfere: (id: unknown) => Promise<void>) {
    return {
      query: async (sql: string, parameters: unknown[] = []): Promise<unknown> => {
        if (sql.includes('UPDATE')) await interfere(parameters[0]);
        return source.query(sql, parameters);
      },
    };
  }

  it('keeps a value that changed in between, and re-encrypts it if it uses the older key', async () => {
    const { source } = await database(['a', 'b'].map((text) => before.encrypt(text)));
    const writers = new Map([
      [1, before],
      [2, during],
    ]);
    const busy = interfering(source, async (id) => {
      const writer = writers.get(Number(id));
      writers.delete(Number(id));
      if (writer === undefined) return;
      await source.query('UPDATE secrets SET value = $2 WHERE id = $1', [id, writer.encrypt(`newer ${String(id)}`)]);
    });
    expect(await reencrypt(busy, during, [column])).toMatchObject([{ checked: 2, reencrypted: 1, unreadableCount: 0 }]);
    expect((await values(source)).map((token) => after.decrypt(token ?? ''))).toEqual(['newer 1', 'newer 2']);
  });

  it('does not restore a row that was deleted or emptied in between', async () => {
    const { source } = await database(['a', 'b'].map((text) => before.encrypt(text)));
    const busy = interfering(source, (id) =>
      source.query(id === 1 ? 'DELETE FROM secrets WHERE id = 1' : 'UPDATE secrets SET value = NULL WHERE id = 2'),
    );
    expect(await reencrypt(busy, during, [column])).toMatchObject([{ checked: 2, reencrypted: 0, unreadableCount: 0 }]);
    expect(await values(source)).toEqual([null]);
  });

  it('loses no write of several concurrent writers', async () => {
    const { source } = await database(texts(48).map((text) => before.encrypt(text)));
    const written = new Map<number, string>();
    let running = true;
    const write = async (writer: number) => {
      for (let round = 0; running || round === 0; round++) {
        const id = 1 + ((writer + 3 * round) % 48);
        const text = `${writer} ${round}`;
        const fernet = round % 2 === 0 ? before : during;
        await source.query('UPDATE secrets SET value = $2 WHERE id = $1', [id, fernet.encrypt(text)]);
        written.set(id, text);
      }
    };
    // Each writer has its own rows, so that the last write is known.
    const writers = [0, 1, 2].map(write);
    for (let pass = 0; pass < 5; pass++) await reencrypt(source, during, [column], { batchSize: 10 });
    running = false;
    await Promise.all(writers);
    const decrypted = (await values(source)).map((token) => during.decrypt(token ?? ''));
    for (const [id, text] of written) expect(decrypted[id - 1]).toBe(text);
  });
});

describe('a process that is killed halfway', () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-reencrypt-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('leaves every value readable, and the next run finishes the work', async () => {
    const { source, url } = await database(texts(200).map((text) => before.encrypt(text)));
    const script = join(folder, 'reencrypt.cjs');
    const root = resolve(__dirname, '../../..');
    writeFileSync(
      script,
      `const { Fernet, reencrypt } = require(${JSON.stringify(join(root, 'dist/libs/encryption/src/index.js'))});
      const { DataSource } = require(${JSON.stringify(require.resolve('typeorm'))});
      (async () => {
        const source = await new DataSource({ type: 'postgres', url: process.env.URL, poolSize: 2 }).initialize();
        const onProgress = ({ checked }) => console.log('checked', checked);
        await reencrypt(source, new Fernet(process.env.KEYS.split(',')), [${JSON.stringify(column)}], { batchSize: 10, onProgress });
      })();`,
    );
    const lock = source.createQueryRunner();
    await lock.startTransaction();
    await lock.query('SELECT 1 FROM secrets WHERE id = 105 FOR UPDATE');
    const process = spawnProcess(script, { env: { URL: url, KEYS: `${newerKey},${olderKey}` } });
    await process.waitForOutput(/checked 100\b/);
    // It is waiting for the locked row, in the middle of a batch.
    await eventually(async () => {
      const [row] = await source.query(
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return row;
    });
    await process.kill('SIGKILL');

    const halfWay = (await values(source)).map((token) => token ?? '');
    expect(halfWay.map((token) => during.decrypt(token))).toEqual(texts(200));
    const done = halfWay.filter((token) => during.isCurrent(token)).length;
    expect(done).toBeGreaterThanOrEqual(100);
    expect(done).toBeLessThan(110);

    await lock.rollbackTransaction();
    await lock.release();
    const [counts] = await reencrypt(source, during, [column]);
    expect(counts?.checked).toBe(200);
    expect((await values(source)).map((token) => after.decrypt(token ?? ''))).toEqual(texts(200));
  });
});
