import { metrics } from '#libs/observability';
import { testDatabase } from '#libs/testing';
import { createDataSource } from './data-source';

const lines = async () => {
  const text = await metrics.metrics();
  const numberOf = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]);
  const state = (name: string) => numberOf(`database_pool_connections\\{state="${name}"\\}`);
  return {
    connections: { busy: state('busy'), idle: state('idle'), waiting: state('waiting') },
    waits: numberOf('database_pool_wait_seconds_count'),
    short: numberOf('database_pool_wait_seconds_bucket\\{le="0.2"\\}'),
  };
};

it('shows connections in use, and how long work waits when there are too few', async () => {
  const { url } = await testDatabase();
  const source = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
  const first = source.createQueryRunner();
  await first.connect();
  expect((await lines()).connections).toEqual({ busy: 1, idle: 0, waiting: 0 });
  const before = await lines();

  const second = source.query('SELECT 1');
  expect((await lines()).connections).toEqual({ busy: 1, idle: 0, waiting: 1 });
  // Holds the only connection for longer than a bucket.
  await first.query('SELECT pg_sleep(0.25)');
  await first.release();
  await second;

  const after = await lines();
  expect(after.connections).toEqual({ busy: 0, idle: 1, waiting: 0 });
  expect([after.waits - before.waits, after.short - before.short]).toEqual([1, 0]);
  await source.destroy();
  expect((await lines()).connections).toEqual({ busy: 0, idle: 0, waiting: 0 });
});
