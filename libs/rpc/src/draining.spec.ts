import { defineRpc, type RequestOf } from '#libs/contracts';
import { eventually, testRedis, type TestRedis } from '#libs/testing';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Started } from '../test/replicas';
import { Handles } from './handles';

const work = defineRpc('billing', 'work', {
  access: 'public',
  request: z.strictObject({ number: z.int() }),
  response: z.int(),
  timeoutMs: 20_000,
});

const runs: number[] = [];
let gate: Promise<void> | undefined;

@Controller()
class WorkHandler {
  @Handles(work)
  async work({ number }: RequestOf<typeof work>) {
    runs.push(number);
    await gate;
    await new Promise(setImmediate);
    return number;
  }
}

describe('A replica that is told to stop', () => {
  const started = new Started();
  let server: TestRedis;
  let settings: { redis: { url: string; name: string }; contracts: [typeof work]; controllers: [typeof WorkHandler] };

  beforeAll(async () => {
    server = await testRedis();
    settings = { redis: { url: server.url, name: 'test' }, contracts: [work], controllers: [WorkHandler] };
  });
  beforeEach(() => {
    runs.length = 0;
    gate = undefined;
  });
  afterEach(() => started.end());

  it('loses no request while a client keeps calling, in six restarts in a row', async () => {
    const client = await started.client(settings);
    let leaving = await started.replica(settings);
    let calling = true;
    let calls = 0;
    const worker = async () => {
      while (calling) {
        const number = calls++;
        expect(await client.call(work, { number })).toBe(number);
      }
    };
    const workers = Promise.all(Array.from({ length: 32 }, worker));
    for (let restart = 0; restart < 6; restart++) {
      const next = await started.replica(settings);
      const before = calls;
      await eventually(() => calls > before + 100);
      await leaving.close();
      leaving = next;
    }
    calling = false;
    await workers;
    expect(runs).toHaveLength(calls);
    expect(new Set(runs).size).toBe(calls);
  });

  it('finishes the running requests, replies to them, and reads no more', async () => {
    const client = await started.client(settings);
    const replica = await started.replica(settings);
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const running = client.call(work, { number: 1 });
    await eventually(() => runs.length === 1);
    const closed = replica.close();
    const waiting = client.call(work, { number: 2 });
    open();
    await closed;
    await expect(running).resolves.toBe(1);
    expect(runs).toEqual([1]);
    await started.replica(settings);
    await expect(waiting).resolves.toBe(2);
  });

  it('gives up requests that do not finish within the drain timeout', async () => {
    const client = await started.client(settings);
    const replica = await started.replica({ ...settings, drainTimeoutMs: 200 });
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const call = client.call(work, { number: 1 }, { timeoutMs: 1_000 });
    const settled = expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
    await eventually(() => runs.length === 1);
    await replica.close();
    open();
    await settled;
  });

  it('stops at once when idle, although one of its reads is blocking in Redis', async () => {
    const replicas = [await started.replica(settings), await started.replica(settings)];
    await Promise.all(replicas.map((replica) => replica.close()));
    await server.restart();
  });
});
