import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDataSource, queryRows, runMigrations } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { eventually } from '#libs/testing';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { freePort, redisCache, startRedis } from '#libs/local';
import { startPostgres } from '../suite/postgres';
import { findRedisServer } from '../suite/redis-server';
import { alignedTable } from '#libs/command';
import { benched, benchKey, CreateBench1764000000000 } from './jobs-contract';
import type { JobsProcessSettings } from './jobs-process';
import { publish } from './publish';
import { percentile } from './statistics';

/**
 * `npm run bench:jobs`: from a commit in one process to the start of the handler in another, with a
 * PostgreSQL that writes through to the disk and a Redis with an append-only file, as in production.
 */
const latencySamples = 200;
const burst = 10_000;
const burstTransaction = 10;
const producers = 4;
const text = 'A fact of about a hundred characters, which is what an event with two ids and a name comes to.';

interface Servers {
  readonly databaseUrl: string;
  readonly adminUrl: string;
  readonly redisUrl: string;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-bench-'));
  const password = randomBytes(12).toString('hex');
  const settings = { shared_preload_libraries: 'pg_stat_statements' };
  const logFile = join(folder, 'postgres.log');
  const postgres = await startPostgres({
    folder: join(folder, 'pg'),
    port: await freePort(),
    password,
    logFile,
    settings,
  });
  const port = await freePort();
  const redis = await startRedis({ server: findRedisServer(redisCache, console.log), port, folder, args: [] });
  try {
    const servers = { databaseUrl: postgres.url, adminUrl: postgres.url, redisUrl: `redis://127.0.0.1:${port}` };
    await runMigrations(servers.databaseUrl, [CreateBench1764000000000]);
    await measureAll(servers);
  } finally {
    await redis.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(postgres.folder, { recursive: true, force: true });
  }
}

async function measureAll(servers: Servers): Promise<void> {
  const { databaseUrl } = servers;
  const dataSource = await createDataSource({
    url: databaseUrl,
    service: 'auth',
    poolSize: 8,
    entities: [],
  }).initialize();
  const rows = [['woken by', 'p50 ms', 'p95 ms', 'max ms']];
  for (const listens of [true, false]) rows.push(await measureLatency(dataSource, servers, listens));
  const parts = [
    `${availableParallelism()} cores, Node ${process.version}`,
    `Commit to start of the handler, one event at a time, ${latencySamples} events:`,
    alignedTable(rows, [1, 2, 3]),
  ];
  for (const replicas of [1, 2]) parts.push(...(await measureBurst(dataSource, servers, replicas)));
  await dataSource.destroy();
  publish('jobs', parts.join('\n\n'));
}

async function measureLatency(dataSource: DataSource, servers: Servers, listens: boolean): Promise<string[]> {
  const replica = await startReplica(servers, listens);
  const latencies: number[] = [];
  for (let sample = 0; sample < latencySamples; sample++) {
    const started = replica.next();
    const committedAt = await announce(dataSource, true, 1);
    latencies.push((await started) - committedAt);
  }
  await replica.stop();
  latencies.sort((a, b) => a - b);
  const figures = [0.5, 0.95, 1].map((fraction) => percentile(latencies, fraction).toFixed(1));
  return [listens ? 'NOTIFY' : 'polling each second', ...figures];
}

async function measureBurst(dataSource: DataSource, servers: Servers, replicas: number): Promise<string[]> {
  const running = await Promise.all(Array.from({ length: replicas }, () => startReplica(servers, true)));
  await dataSource.query('TRUNCATE effects, outbox, outbox_deliveries, inbox');
  await dataSource.query('SELECT pg_stat_statements_reset()');
  const startedAt = performance.now();
  let left = burst / burstTransaction;
  const produce = async () => {
    while (left-- > 0) await announce(dataSource, false, burstTransaction);
  };
  await Promise.all(Array.from({ length: producers }, produce));
  const announcedAt = performance.now();
  const countIs = (sql: string, wanted: number) =>
    eventually(async () => (await count(dataSource, sql)) === wanted, { timeoutMs: 120_000 });
  await countIs('SELECT count(*) FROM effects', burst);
  const handledAt = performance.now();
  await countIs('SELECT count(*) FROM outbox_deliveries WHERE acknowledged_at IS NULL', 0);
  const seconds = (until: number) => ((until - startedAt) / 1_000).toFixed(1);
  const summary =
    `${burst} events by ${producers} producers, ${burstTransaction} per transaction; ${replicas} replica(s), each with relay and worker: ` +
    `announced after ${seconds(announcedAt)} s, handled after ${seconds(handledAt)} s ` +
    `(${Math.round(burst / ((handledAt - startedAt) / 1_000))} events/s end to end), acknowledged after ${seconds(performance.now())} s`;
  const statements = await statementTable(dataSource);
  await Promise.all(running.map((replica) => replica.stop()));
  return [summary, statements];
}

async function statementTable(dataSource: DataSource): Promise<string> {
  const kinds = [
    ['announce', '%INSERT INTO outbox (%'],
    ['claim (relay)', '%WITH due AS%'],
    ['mark (relay)', 'UPDATE%relayed_at = coalesce%'],
    ['acknowledge (relay)', 'UPDATE outbox_deliveries SET acknowledged_at%'],
    ['inbox (worker)', 'INSERT INTO inbox%'],
    ['transactions', 'COMMIT%'],
  ] as const;
  const rows = [['statement', 'calls', 'per event', 'ms in all']];
  for (const [name, pattern] of kinds) {
    const sql = `SELECT coalesce(sum(calls), 0)::int AS calls, coalesce(sum(total_exec_time), 0)::float AS ms
      FROM pg_stat_statements WHERE query LIKE $1`;
    const [row] = await queryRows(dataSource.manager, sql, [pattern], z.object({ calls: z.int(), ms: z.number() }));
    if (row === undefined) continue;
    rows.push([name, String(row.calls), (row.calls / burst).toFixed(3), row.ms.toFixed(0)]);
  }
  return alignedTable(rows, [1, 2, 3]);
}

async function count(dataSource: DataSource, sql: string): Promise<number> {
  const [row] = await queryRows(dataSource.manager, sql, [], z.object({ count: z.coerce.number() }));
  return row?.count ?? NaN;
}

/** @returns the time of the commit in ms since 1970 */
async function announce(dataSource: DataSource, isTimed: boolean, events: number): Promise<number> {
  const outbox = new Outbox(new Fernet([benchKey]));
  await dataSource.transaction(async (manager) => {
    for (let event = 0; event < events; event++) await outbox.add(manager, benched, { isTimed, text });
  });
  return performance.timeOrigin + performance.now();
}

interface Replica {
  /** The start of the next handler in ms since 1970. */
  next(): Promise<number>;
  stop(): Promise<void>;
}

async function startReplica({ databaseUrl, adminUrl, redisUrl }: Servers, listens: boolean): Promise<Replica> {
  // Listening in another database receives nothing.
  const elsewhere = new URL(adminUrl);
  elsewhere.pathname = '/template1';
  const settings: JobsProcessSettings = { databaseUrl, redisUrl, listenUrl: listens ? databaseUrl : elsewhere.href };
  const child = fork(join(__dirname, 'jobs-process.js'), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await message(child);
  return {
    next: async () => Number(await message(child)),
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await exited;
    },
  };
}

function message(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => child.once('message', resolve));
}

void main();
