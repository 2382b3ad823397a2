import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { startTime } from '#libs/local';
import { eventually, freePort, spawnProcess, testDatabase, testRedis } from './index';

class CreateThings1764000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create table thing (id int primary key)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table thing');
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'groundwork-script-'));
afterAll(() => rmSync(folder, { recursive: true }));

function script(source: string): string {
  const file = join(folder, `${randomUUID()}.js`);
  writeFileSync(file, source);
  return file;
}

describe('testDatabase', () => {
  it('creates a migrated database for each caller', async () => {
    const [first, second] = await Promise.all([
      testDatabase('things', [CreateThings1764000000000]),
      testDatabase('things', [CreateThings1764000000000]),
    ]);
    await query(first.url, 'insert into thing values (1)');
    expect(await query(first.url, 'select id from thing')).toEqual([{ id: 1 }]);
    expect(await query(second.url, 'select id from thing')).toEqual([]);
  });

  it('gives the service the same row privileges as in production, and no others', async () => {
    const { serviceUrl } = await testDatabase('things', [CreateThings1764000000000]);
    await query(serviceUrl, 'insert into thing values (1)');
    await query(serviceUrl, 'update thing set id = 2');
    expect(await query(serviceUrl, 'delete from thing returning id')).toEqual([{ id: 2 }]);
    for (const sql of ['drop table thing', 'truncate thing', 'create table mine (id int)', 'delete from migrations']) {
      await expect(query(serviceUrl, sql)).rejects.toMatchObject({ code: '42501' });
    }
    const role =
      'select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as mighty from pg_roles where rolname = current_user';
    expect(await query(serviceUrl, role)).toEqual([{ mighty: false }]);
  });

  it('drops a database although a client is still connected to it', async () => {
    const database = await testDatabase();
    const client = new Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    await database.drop();
    await expect(query(database.url, 'select 1')).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('testRedis', () => {
  it('keeps data over a restart, and loses it over an empty one', async () => {
    const server = await testRedis();
    const redis = new Redis(server.url, { retryStrategy: () => 20 });
    redis.on('error', () => undefined);
    await redis.set('key', 'value');
    await server.restart();
    expect(await redis.get('key')).toBe('value');
    await server.restart({ empty: true });
    expect(await redis.get('key')).toBeNull();
    redis.disconnect();
  });

  it('is down after a kill and comes back on the same port', async () => {
    const server = await testRedis();
    await server.kill();
    await expect(reach(server.port)).rejects.toThrow(/ECONN(REFUSED|RESET)/);
    await server.start();
    await reach(server.port);
  });

  it('requires its password', async () => {
    const { url, port } = await testRedis({ password: 'p@ss word' });
    const known = new Redis(url);
    expect(await known.ping()).toBe('PONG');
    known.disconnect();
    const stranger = new Redis({ port, maxRetriesPerRequest: 0 });
    stranger.on('error', () => undefined);
    await expect(stranger.ping()).rejects.toThrow('NOAUTH');
    stranger.disconnect();
  });

  it('uses TLS with a certificate that clients can verify', async () => {
    const { url, caFile } = await testRedis({ tls: true });
    expect(url).toMatch(/^rediss:/);
    const trusting = new Redis(url, { tls: { ca: readFileSync(caFile ?? '') } });
    expect(await trusting.ping()).toBe('PONG');
    trusting.disconnect();
  });
});

function reach(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(() => resolve()));
    socket.once('error', reject);
  });
}

describe('eventually', () => {
  it('waits for a condition and returns its value', async () => {
    let calls = 0;
    expect(await eventually(() => (++calls >= 3 ? calls : undefined))).toBe(3);
  });

  it('names what it waited for and the last failure', async () => {
    const check = () => {
      throw new Error('not yet');
    };
    await expect(eventually(check, { timeoutMs: 30, describe: 'the mail' })).rejects.toThrow(
      /for the mail in vain.*not yet/,
    );
  });
});

describe('spawnProcess', () => {
  it('keeps characters intact that the pipe splits', async () => {
    const child = spawnProcess(script('process.stdout.write("x" + "é".repeat(200_000))'));
    await child.exited;
    expect(child.output()).toBe(`x${'é'.repeat(200_000)}`);
  });

  it('captures the output and the exit of a program', async () => {
    const child = spawnProcess(script('console.log(process.argv[2], process.env.WHO); process.exit(3)'), {
      args: ['hello'],
      env: { WHO: 'world' },
    });
    await child.waitForOutput(/hello world/);
    expect(await child.exited).toEqual({ code: 3, signal: null });
  });

  it('fails at once if a program ends without the expected output', async () => {
    const child = spawnProcess(script('console.log("only this")'));
    await expect(child.waitForOutput(/something else/, 60_000)).rejects.toThrow(/ended.*only this/s);
  });

  it('kills a program that does not stop by itself', async () => {
    const child = spawnProcess(
      script('process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")'),
    );
    await child.waitForOutput(/up/);
    expect(await child.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  });
});

it('freePort returns ports that a server can listen on', async () => {
  const ports = await Promise.all(Array.from({ length: 10 }, freePort));
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

it('killWhenWeDie ends the processes of a test process, even after SIGKILL', async () => {
  const guard = join(__dirname, '../../../dist/libs/testing/src/guard.js');
  const parent = spawnProcess(
    script(`
      const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
      require(${JSON.stringify(guard)}).killWhenWeDie(child.pid);
      console.log('child', child.pid);
      setInterval(() => {}, 1000);`),
  );
  const [, child] = await parent.waitForOutput(/child (\d+)/);
  await parent.kill('SIGKILL');
  await eventually(() => startTime(Number(child)) === undefined);
});
