import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { freePort } from '#libs/local';
import { startPostgres, type RunningPostgres } from './postgres';

let folder: string;
let running: RunningPostgres | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork postgres '));
  chmodSync(folder, 0o711);
});

afterEach(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<RunningPostgres> {
  const settings = { fsync: 'off' };
  const logFile = join(folder, 'log');
  running = await startPostgres({
    folder: join(folder, 'pg'),
    port: await freePort(),
    password: 'p@ss',
    logFile,
    settings,
  });
  return running;
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

it('creates a cluster once and keeps its data after a stop', async () => {
  const first = await start();
  await query(first.url, 'create table kept as select 17 as version');
  await first.stop();
  expect(await query((await start()).url, 'select * from kept')).toEqual([{ version: 17 }]);
}, 180_000);

it('stops a server that a killed run left behind, without losing data', async () => {
  const left = await start();
  await query(left.url, 'create table kept as select 1 as one');
  const next = await start();
  await left.exited;
  expect(await query(next.url, 'select * from kept')).toEqual([{ one: 1 }]);
}, 180_000);

it('starts despite a lock file whose process id belongs to another program', async () => {
  const first = await start();
  const lockFile = join(first.folder, 'data', 'postmaster.pid');
  const lines = readFileSync(lockFile, 'utf8').split('\n');
  await first.stop();
  writeFileSync(lockFile, [process.pid, ...lines.slice(1)].join('\n'));
  expect(await query((await start()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
}, 180_000);

it('refuses a wrong password on this machine too', async () => {
  const { url } = await start();
  const wrong = new URL(url);
  wrong.password = 'guess';
  await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
}, 180_000);
