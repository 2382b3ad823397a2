import { testDatabase } from '#libs/testing';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { z } from 'zod';
import { createDataSource } from './data-source';
import { runMigrations } from './migrate';

/** PgBouncer takes these parameters of a connection and refuses a client that sends any other. */
const allowed = new Set(['user', 'database', 'application_name', 'client_encoding']);

/** Forwards connections to a PostgreSQL server, and remembers the parameters that the clients started with. */
async function recorder(target: URL) {
  const seen = new Set<string>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    client.once('data', (first) => {
      // After its length and the version of the protocol, a start-up message is a list of names and values.
      const texts = first.subarray(8).toString('utf8').split('\0');
      for (let at = 0; at + 1 < texts.length; at += 2) seen.add(texts[at] ?? '');
      upstream.write(first);
      client.pipe(upstream).pipe(client);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  const names = () => [...seen].filter(Boolean);
  return { url: url.href, names, close: () => void server.close() };
}

it('transaction pooling: neither services nor migrations send parameters that a pooler refuses', async () => {
  const database = await testDatabase('pooler');
  const pooler = await recorder(new URL(database.url));
  try {
    await runMigrations(pooler.url, []);
    const source = await createDataSource({ url: pooler.url, service: 'auth', poolSize: 2, entities: [] }).initialize();
    await source.query('SELECT 1');
    await source.destroy();
    expect(pooler.names()).toEqual(expect.arrayContaining(['user', 'database', 'application_name']));
    expect(pooler.names().filter((name) => !allowed.has(name))).toEqual([]);
  } finally {
    pooler.close();
  }
});
