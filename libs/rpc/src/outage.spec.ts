import { defineRpc, ProblemError, type RequestOf } from '#libs/contracts';
import { closeRedis, createRedis, whenReady } from '#libs/redis';
import { eventually, testRedis } from '#libs/testing';
import { Controller } from '@nestjs/common';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { Started } from '../test/replicas';
import { Handles } from './handles';

const count = defineRpc('billing', 'count', {
  access: 'public',
  request: z.strictObject({ number: z.int() }),
  response: z.int(),
  timeoutMs: 3_000,
});

const runs: number[] = [];

@Controller()
class CountHandler {
  @Handles(count)
  async count({ number }: RequestOf<typeof count>) {
    runs.push(number);
    return number;
  }
}

const service = { contracts: [count], controllers: [CountHandler] };
const again = { timeoutMs: 60_000 };

describe('Requests', () => {
  const started = new Started();
  beforeEach(() => void (runs.length = 0));
  afterEach(() => started.end());

  it.each([
    ['restarted', false],
    ['lost with all its data', true],
  ])('recover when Redis is %s under load; every call settles, and none runs twice', async (_, empty) => {
    const server = await testRedis();
    const redis = { url: server.url, name: 'test' };
    await started.replica({ redis, ...service });
    await started.replica({ redis, ...service });
    const client = await started.client({ redis });
    let calling = true;
    let calls = 0;
    const outcomes = new Map<string, number>();
    const worker = async () => {
      while (calling) {
        const outcome = await client.call(count, { number: calls++ }).then(
          () => 'ok',
          (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
        );
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        // Calls fail at once while Redis is down. Without this turn of the event loop they would starve the
        // reconnection.
        if (outcome !== 'ok') await new Promise(setImmediate);
      }
    };
    const workers = Promise.all(Array.from({ length: 32 }, worker));
    await eventually(() => (outcomes.get('ok') ?? 0) > 500);
    await server.restart({ empty });
    const before = outcomes.get('ok') ?? 0;
    await eventually(() => (outcomes.get('ok') ?? 0) > before + 500, again);
    calling = false;
    await workers;
    expect([...outcomes.keys()].sort()).toEqual(['ok', 'service_unavailable']);
    expect(new Set(runs).size).toBe(runs.length);
  });

  it('fail at once while Redis is down, not at their deadline', async () => {
    const server = await testRedis();
    const redis = { url: server.url, name: 'test' };
    await started.replica({ redis, ...service });
    const client = await started.client({ redis });
    await server.kill();
    // Jest ends a test after 30 s, so the deadline cannot be what ends this call.
    await expect(client.call(count, { number: 1 }, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    await server.start();
    await eventually(() => client.call(count, { number: 2 }), again);
  });

  it('fail at their deadline while Redis is frozen, and succeed when it is back', async () => {
    const server = await testRedis();
    const redis = { url: server.url, name: 'test' };
    await started.replica({ redis, ...service });
    const client = await started.client({ redis });
    const probe = createRedis(redis, 'command');
    await whenReady(probe, 5_000);
    const pid = Number(/process_id:(\d+)/.exec(await probe.info('server'))?.[1]);
    process.kill(pid, 'SIGSTOP');
    try {
      const calls = Array.from({ length: 5 }, (_, number) => client.call(count, { number }, { timeoutMs: 300 }));
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await eventually(() => client.call(count, { number: 100 }), again);
    expect(new Set(runs).size).toBe(runs.length);
    await closeRedis(probe);
  });

  it('work with a Redis password', async () => {
    const server = await testRedis({ password: 'p@ss/w%rd' });
    const redis = { url: server.url, name: 'test' };
    await started.replica({ redis, ...service });
    const client = await started.client({ redis });
    await expect(client.call(count, { number: 7 })).resolves.toBe(7);
    const wrong = started.unconnectedClient({ redis: { url: server.url.replace('p%40', 'x'), name: 'test' } });
    expect(await wrong.whenConnected(500)).toBe(false);
    await expect(wrong.call(count, { number: 7 })).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  it('work over TLS with a trusted server certificate and fail with any other', async () => {
    const server = await testRedis({ tls: true, password: 'secret' });
    const redis = { url: server.url, name: 'test', tlsCaFile: server.caFile };
    await started.replica({ redis, ...service });
    const client = await started.client({ redis });
    await expect(client.call(count, { number: 7 })).resolves.toBe(7);
    const distrustful = started.unconnectedClient({ redis: { url: server.url, name: 'test' } });
    expect(await distrustful.whenConnected(500)).toBe(false);
    await expect(distrustful.call(count, { number: 7 })).rejects.toMatchObject({ code: 'service_unavailable' });
  });

  it('work with a Redis Cluster', async () => {
    const server = await testRedis({ args: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] });
    const node = new Redis(server.port);
    await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    await eventually(async () => (await node.cluster('INFO')).includes('cluster_state:ok'), again);
    node.disconnect();
    const redis = { url: `redis+cluster://127.0.0.1:${server.port}`, name: 'test' };
    const replicas = [await started.replica({ redis, ...service }), await started.replica({ redis, ...service })];
    const client = await started.client({ redis });
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    await expect(
      Promise.all(numbers.map((number) => client.call(count, { number }, { timeoutMs: 60_000 }))),
    ).resolves.toEqual(numbers);
    for (const replica of replicas) await replica.close();
    expect([...runs].sort((a, b) => a - b)).toEqual(numbers);
  });
});
