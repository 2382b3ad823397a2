import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { testDatabase } from '#libs/testing';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { createDataSource } from './data-source';
import { queryPrepared, queryRows } from './query';
import { isDatabaseUnavailable } from './unavailable';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function sourceFor(url: string): Promise<DataSource> {
  const source = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
  open.push({ close: () => source.destroy() });
  return source;
}

/** A proxy in front of a database, whose connections and port can be cut. */
async function proxyOf(url: string) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  open.push({ close: () => (cut(), server.close()) });
  const own = new URL(url);
  own.host = `127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
  return { url: own.href, cut, close: () => (cut(), server.close()) };
}

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );
const sleep = { name: 'sleep', sql: 'SELECT pg_sleep(60)::text AS slept', row: z.object({ slept: z.string() }) };

it.each([
  ['a statement', (source: DataSource) => queryRows(source.manager, sleep.sql, [], sleep.row)],
  ['a prepared statement', (source: DataSource) => queryPrepared(source.manager, sleep, [])],
])('%s whose connection is cut fails because the database is unavailable', async (_what, run) => {
  const proxy = await proxyOf((await testDatabase()).url);
  const source = await sourceFor(proxy.url);
  const failure = failureOf(run(source));
  proxy.cut();
  expect(isDatabaseUnavailable(await failure)).toBe(true);
});

it('a statement whose backend an administrator ends fails because the database is unavailable', async () => {
  const { url } = await testDatabase();
  const source = await sourceFor(url);
  const ending = queryRows(source.manager, 'SELECT pg_terminate_backend(pg_backend_pid())', [], z.unknown());
  expect(isDatabaseUnavailable(await failureOf(ending))).toBe(true);
});

it('a statement without a server, or without a free connection, fails because the database is unavailable', async () => {
  const proxy = await proxyOf((await testDatabase()).url);
  const source = await sourceFor(proxy.url);
  proxy.close();
  const select = () => failureOf(queryRows(source.manager, 'SELECT 1', [], z.unknown()));
  expect(isDatabaseUnavailable(await select())).toBe(true);
  expect(isDatabaseUnavailable(await select())).toBe(true);
});

it('a statement that is wrong, or breaks a rule, is an error of its own', async () => {
  const source = await sourceFor((await testDatabase()).url);
  for (const sql of ['SELECT nothing', 'SELECT 1 / 0']) {
    const failure = await failureOf(queryRows(source.manager, sql, [], z.unknown()));
    expect(failure).toBeInstanceOf(Error);
    expect(isDatabaseUnavailable(failure)).toBe(false);
  }
  for (const other of [new Error('terminated'), { code: 'ECONNRESET' }, 'Connection terminated', undefined]) {
    expect(isDatabaseUnavailable(other)).toBe(false);
  }
});
