import { defineRpc, type RequestOf } from '#libs/contracts';
import { createRedis, closeRedis, whenReady, type RedisConnection } from '#libs/redis';
import { eventually, testRedis, type TestRedis } from '#libs/testing';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { contextOf, Started } from '../test/replicas';
import { requestsKey } from './envelope';
import { Handles } from './handles';
import { dropped, strayReplies } from './metrics';

const echo = defineRpc('billing', 'echo', {
  access: 'public',
  request: z.strictObject({ text: z.string() }),
  response: z.strictObject({ text: z.string() }),
});
const wait = defineRpc('billing', 'wait', {
  access: 'public',
  request: z.strictObject({ text: z.string() }),
  response: z.strictObject({ text: z.string() }),
  timeoutMs: 10_000,
});

/** Long enough that no deadline affects these calls. */
const patient = { timeoutMs: 60_000 };

const ran: string[] = [];
const gates = new Map<string, () => void>();

@Controller()
class Handlers {
  @Handles(echo)
  async echo({ text }: RequestOf<typeof echo>) {
    ran.push(text);
    return { text };
  }

  /** Replies when the test says so. */
  @Handles(wait)
  async wait({ text }: RequestOf<typeof wait>) {
    ran.push(text);
    await new Promise<void>((resolve) => gates.set(text, resolve));
    return { text };
  }
}

const contracts = [echo, wait];
const controllers = [Handlers];

describe('The queue of a service', () => {
  const started = new Started();
  let server: TestRedis;
  let redis: { url: string; name: string };
  let probe: RedisConnection;

  beforeEach(async () => {
    server = await testRedis();
    redis = { url: server.url, name: 'test' };
    probe = createRedis(redis, 'command');
    await whenReady(probe, 5_000);
    ran.length = 0;
    gates.clear();
  });
  afterEach(async () => {
    for (const open of gates.values()) open();
    await started.end();
    await closeRedis(probe);
    await server.kill();
  });

  const droppedFor = async (reason: string) =>
    (await dropped.get()).values.find(({ labels }) => labels['reason'] === reason)?.value ?? 0;
  const strays = async () => (await strayReplies.get()).values[0]?.value ?? 0;

  it('gives no request to a replica after its deadline', async () => {
    const client = await started.client({ redis });
    const expired = await droppedFor('expired');
    await expect(client.call(echo, { text: 'late' }, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'service_unavailable',
      retryAfterSeconds: 1,
    });
    await started.replica({ redis, contracts, controllers });
    await expect(client.call(echo, { text: 'in time' })).resolves.toEqual({ text: 'in time' });
    expect(ran).toEqual(['in time']);
    expect(await droppedFor('expired')).toBe(expired + 1);
  });

  it('refuses requests at once when it is full, and keeps those that it accepted', async () => {
    const client = await started.client({ redis, greatestQueueLength: 10 });
    const calls = Array.from({ length: 25 }, (_, n) => client.call(echo, { text: String(n) }, patient));
    const outcomes = Promise.allSettled(calls);
    await Promise.all(
      calls
        .slice(10)
        .map((call) => expect(call).rejects.toMatchObject({ code: 'service_unavailable', retryAfterSeconds: 1 })),
    );
    expect(await probe.llen(requestsKey('billing'))).toBe(10);
    await started.replica({ redis, contracts, controllers });
    expect((await outcomes).filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(ran).toHaveLength(10);
  });

  it('expires in Redis when its service is gone, like the replies of a client that is gone', async () => {
    const client = await started.client({ redis });
    const call = client.call(wait, { text: 'held' });
    call.catch(() => undefined);
    await eventually(async () => (await probe.llen(requestsKey('billing'))) === 1);
    expect(await probe.pttl(requestsKey('billing'))).toBeGreaterThan(0);
    await started.replica({ redis, contracts, controllers });
    await eventually(() => gates.has('held'));
    await client.close();
    gates.get('held')?.();
    const [replies] = await eventually(async () => {
      const keys = await probe.keys('rpc:*:replies');
      return keys.length > 0 ? keys : undefined;
    });
    expect(await probe.pttl(replies ?? '')).toBeGreaterThan(0);
  });

  it('gives a replica only as many requests as it can run', async () => {
    await started.replica({ redis, contracts, controllers, concurrency: 3 });
    const client = await started.client({ redis });
    const texts = Array.from({ length: 8 }, (_, n) => `held ${n}`);
    const calls = texts.map((text) => client.call(wait, { text }));
    await eventually(() => gates.size === 3);
    expect(await probe.llen(requestsKey('billing'))).toBe(5);
    for (const text of texts) (await eventually(() => gates.get(text)))();
    await expect(Promise.all(calls)).resolves.toHaveLength(8);
  });

  it('leaves requests to an idle replica while another one is busy', async () => {
    await started.replica({ redis, contracts, controllers, concurrency: 1 });
    await started.replica({ redis, contracts, controllers, concurrency: 1 });
    const client = await started.client({ redis });
    const first = client.call(wait, { text: 'slow' });
    await eventually(() => gates.has('slow'));
    for (let n = 0; n < 20; n++) await client.call(echo, { text: `quick ${n}` });
    expect(ran).toHaveLength(21);
    gates.get('slow')?.();
    await first;
  });

  it('drops and counts garbage, and handles the next request', async () => {
    const garbage = await droppedFor('garbage');
    await started.replica({ redis, contracts, controllers });
    const client = await started.client({ redis });
    const envelope = {
      id: '1',
      method: 'billing.echo',
      replyTo: 'rpc:{x}:replies',
      deadline: 1e15,
      context: contextOf(),
      input: {},
    };
    const messages = [
      '',
      'not json',
      'null',
      '[]',
      '{"id":1}',
      '[['.repeat(5_000),
      JSON.stringify(envelope),
      'x'.repeat(1_048_577),
    ];
    await probe.rpush(requestsKey('billing'), ...messages);
    await expect(client.call(echo, { text: 'fine' })).resolves.toEqual({ text: 'fine' });
    expect(await droppedFor('garbage')).toBe(garbage + messages.length);
  });

  it('is read again after a key of another type has replaced it', async () => {
    await started.replica({ redis, contracts, controllers });
    const client = await started.client({ redis });
    await probe.set(requestsKey('billing'), 'no list');
    await expect(client.call(echo, { text: 'no' })).rejects.toMatchObject({ code: 'service_unavailable' });
    await probe.del(requestsKey('billing'));
    await eventually(() => client.call(echo, { text: 'yes' }));
  });

  it('ignores a reply after the deadline, and the client continues', async () => {
    const before = await strays();
    await started.replica({ redis, contracts, controllers });
    const client = await started.client({ redis });
    const call = client.call(wait, { text: 'slow' }, { timeoutMs: 1_000 });
    await expect(call).rejects.toMatchObject({ code: 'service_unavailable' });
    (await eventually(() => gates.get('slow')))();
    await eventually(async () => (await strays()) === before + 1);
    await expect(client.call(echo, { text: 'next' })).resolves.toEqual({ text: 'next' });
  });

  it('reports a method that no replica knows yet as unavailable, not as an error of the caller', async () => {
    const future = defineRpc('billing', 'future', { access: 'public', request: z.null(), response: z.null() });
    await started.replica({ redis, contracts, controllers });
    const client = await started.client({ redis });
    await expect(client.call(future, null)).rejects.toMatchObject({
      code: 'service_unavailable',
      retryAfterSeconds: 5,
    });
  });

  it('gives each of two clients only its own replies', async () => {
    const before = await strays();
    await started.replica({ redis, contracts, controllers });
    await started.replica({ redis, contracts, controllers });
    const clients = [await started.client({ redis }), await started.client({ redis })];
    const mixed = clients.flatMap((client, who) =>
      Array.from({ length: 500 }, async (_, n) => {
        const text = `client ${who} call ${n}`;
        expect(await client.call(echo, { text }, patient)).toEqual({ text });
      }),
    );
    await Promise.all(mixed);
    expect(await strays()).toBe(before);
  });

  it('limits a nested call to the deadline of the request that makes it', async () => {
    const outer = defineRpc('billing', 'outer', { access: 'public', request: z.null(), response: z.null() });
    const inner = await started.client({ redis });
    const nested: Promise<unknown>[] = [];
    @Controller()
    class Outer {
      @Handles(outer)
      async outer() {
        // No replica of notification runs, so only the deadline ends this call.
        const call = inner.call(neverAnswered, null, { timeoutMs: 60_000 });
        nested.push(call);
        await call;
        return null;
      }
    }
    const neverAnswered = defineRpc('notification', 'never', {
      access: 'public',
      request: z.null(),
      response: z.null(),
    });
    await started.replica({ redis, contracts: [outer], controllers: [Outer] });
    const client = await started.client({ redis });
    await expect(client.call(outer, null, { timeoutMs: 2_000 })).rejects.toMatchObject({ code: 'service_unavailable' });
    // Long before the call's own timeout.
    const late = new Promise((resolve) => setTimeout(resolve, 30_000, 'late').unref());
    await expect(Promise.race([nested[0], late])).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
