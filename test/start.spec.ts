import { runMigrations } from '#libs/database';
import { eventually, freePort, spawnProcess, testDatabase, testRedis } from '#libs/testing';
import { root } from '#libs/local';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { migrations } from '../apps/billing/src/database';

const main = join(root, 'dist', 'apps', 'billing', 'src', 'main.js');

async function startBilling(variables: Readonly<Record<string, string>>) {
  const port = await freePort();
  const service = spawnProcess(main, {
    env: { NODE_ENV: 'development', MANAGEMENT_PORT: String(port), ...variables },
  });
  return { ...service, management: `http://127.0.0.1:${port}` };
}

const password = randomBytes(24).toString('hex');
const nowhere = `postgres://billing:${password}@127.0.0.1:1/billing`;

describe('a service that waits for its schema', () => {
  it('is alive and not ready, and says which migrations are pending', async () => {
    const [database, redis] = await Promise.all([testDatabase('billing', []), testRedis()]);
    const service = await startBilling({ DATABASE_URL: database.url, REDIS_URL: redis.url });
    const [line] = await service.waitForOutput(/.*waiting for the schema.*/);
    expect(JSON.parse(line)).toMatchObject({ pending: [expect.stringMatching(/^CreateOutboxAndInbox \d+$/)] });
    expect((await fetch(`${service.management}/health/live`)).status).toBe(200);
    expect((await fetch(`${service.management}/health/ready`)).status).toBe(503);
    await service.kill('SIGKILL');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('stops at once with 0 on %s', async (signal) => {
    const redis = await testRedis();
    const service = await startBilling({ DATABASE_URL: nowhere, REDIS_URL: redis.url, SHUTDOWN_TIMEOUT: '600' });
    await service.waitForOutput(/waiting for the schema/);
    expect(await service.kill(signal)).toEqual({ code: 0, signal: null });
    expect(service.output()).toMatch(/"msg":"stopped"/);
  });

  it('starts as soon as the migrations have run', async () => {
    const [database, redis] = await Promise.all([testDatabase('billing', []), testRedis()]);
    const service = await startBilling({ DATABASE_URL: database.url, REDIS_URL: redis.url });
    await service.waitForOutput(/waiting for the schema/);
    await runMigrations(database.url, migrations);
    await service.waitForOutput(/"msg":"started"/);
    expect((await fetch(`${service.management}/health/ready`)).status).toBe(200);
    expect(await service.kill()).toEqual({ code: 0, signal: null });
  });
});

describe('a service in production', () => {
  const production = { NODE_ENV: 'production', DATABASE_URL: nowhere };

  it('stops at once with 0 while Redis does not respond', async () => {
    const service = await startBilling({
      ...production,
      REDIS_URL: `redis://:${password}@127.0.0.1:1`,
      SHUTDOWN_TIMEOUT: '600',
    });
    await eventually(async () => (await fetch(`${service.management}/health/live`)).ok, { timeoutMs: 60_000 });
    expect(await service.kill()).toEqual({ code: 0, signal: null });
  });

  it('refuses a Redis that may delete queued work', async () => {
    const redis = await testRedis({ password, args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'] });
    const service = await startBilling({ ...production, REDIS_URL: redis.url });
    expect((await service.exited).code).toBe(1);
    expect(service.output()).toContain('Redis has maxmemory-policy allkeys-lru');
  });

  it('warns of a Redis without an append-only file', async () => {
    const redis = await testRedis({ password, args: ['--appendonly', 'no'] });
    const service = await startBilling({ ...production, REDIS_URL: redis.url });
    await service.waitForOutput(/Redis has no append-only file/);
    expect(await service.kill()).toEqual({ code: 0, signal: null });
  });
});
