import { eventually, testRedis, type TestRedis } from '#libs/testing';
import { Redis } from 'ioredis';
import { configFor } from '../../test/gateway';
import { GatewayRedis } from './gateway-redis';
import { RedisThrottlerStorage } from './redis-throttler.storage';

let server: TestRedis;
let observer: Redis;
const connections: GatewayRedis[] = [];
beforeAll(async () => {
  server = await testRedis();
  observer = new Redis(server.url);
});
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.onApplicationShutdown()));
  await observer.quit();
});

async function replica(): Promise<RedisThrottlerStorage> {
  const connection = new GatewayRedis(configFor(server.url, 'postgres://127.0.0.1/none'));
  connections.push(connection);
  await connection.onModuleInit();
  return new RedisThrottlerStorage(connection);
}

const count = (on: RedisThrottlerStorage, key: string, limit: number, windowMs = 60_000) =>
  on.increment(key, windowMs, limit, 0, 'default');
const admitted = (records: readonly { isBlocked: boolean }[]) => records.filter(({ isBlocked }) => !isBlocked).length;

/** The number of script commands that Redis has run so far. */
async function scriptCalls(): Promise<number> {
  const statistics = await observer.info('commandstats');
  return [...statistics.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
}

it('admits exactly the limit of many concurrent requests on several replicas', async () => {
  const replicas = await Promise.all([replica(), replica(), replica()]);
  for (const limit of [1, 7, 50, 400]) {
    const attempts = Array.from({ length: 3 * limit + 30 }, (_, index) => {
      const on = replicas[index % replicas.length];
      return on === undefined ? [] : [count(on, `race-${limit}`, limit)];
    });
    const records = await Promise.all(attempts.flat());
    expect(admitted(records)).toBe(limit);
  }
});

it('counts the remaining requests down to zero', async () => {
  const storage = await replica();
  const hits: number[] = [];
  for (let index = 0; index < 100; index++) hits.push((await count(storage, 'countdown', 100)).totalHits);
  expect(hits).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
  expect(await count(storage, 'countdown', 100)).toMatchObject({ isBlocked: true });
});

it('calls Redis a few times for a busy client, and never for a blocked one', async () => {
  const storage = await replica();
  const before = await scriptCalls();
  for (let index = 0; index < 5_000; index++) await count(storage, 'busy', 1_000_000);
  const asked = (await scriptCalls()) - before;
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThan(100);
  await count(storage, 'blocked', 1);
  await count(storage, 'blocked', 1);
  const blocked = await scriptCalls();
  for (let index = 0; index < 100; index++) await count(storage, 'blocked', 1);
  expect(await scriptCalls()).toBe(blocked);
});

it('loses few requests to a replica that stops using its grant', async () => {
  const [quick, other] = await Promise.all([replica(), replica()]);
  for (let index = 0; index < 100; index++) await count(quick, 'stranded', 400);
  const rest = await Promise.all(Array.from({ length: 400 }, () => count(other, 'stranded', 400)));
  expect(admitted(rest)).toBeGreaterThan(280);
  expect(admitted(rest)).toBeLessThanOrEqual(300);
});

it('admits requests again when the window has ended', async () => {
  const storage = await replica();
  expect(await count(storage, 'short', 1, 300)).toMatchObject({ isBlocked: false });
  const refused = await count(storage, 'short', 1, 300);
  expect(refused).toMatchObject({ isBlocked: true, timeToBlockExpire: 1 });
  await eventually(async () => !(await count(storage, 'short', 1, 300)).isBlocked);
});
