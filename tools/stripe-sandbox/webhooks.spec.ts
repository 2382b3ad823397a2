import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type Stripe from 'stripe';
import { z } from 'zod';
import { startForTest, type TestSandbox } from './test/harness';

let sandbox: TestSandbox;
let stripe: Stripe;
let receiver: Receiver;
beforeEach(async () => {
  sandbox = await startForTest();
  ({ stripe } = sandbox);
  receiver = await startReceiver();
});
afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Receiver {
  readonly url: string;
  readonly received: Received[];
  /** What it answers. */
  status: number;
  close(): Promise<void>;
}

async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(receiver.status).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port.');
  const close = async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${address.port}/hook`, received, status: 200, close };
}

function verified(index: number, secret: string): Stripe.Event {
  const { body = '', headers = {} } = receiver.received[index] ?? {};
  return stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret);
}

async function listen(events: string[] = ['customer.created']): Promise<{ id: string; secret: string }> {
  return sandbox.control.addEndpoint({ url: receiver.url, events });
}

async function customerNamed(name: string): Promise<void> {
  await stripe.customers.create({ name });
}

/** The names of the customers that the deliveries were about, in order. */
function names(): unknown[] {
  const shape = z.object({ data: z.object({ object: z.object({ name: z.string() }) }) });
  return receiver.received.map(({ body }) => shape.parse(JSON.parse(body)).data.object.name);
}

describe('webhooks', () => {
  it('are signed so that the SDK accepts them', async () => {
    const { secret } = await listen();
    await customerNamed('Ada');
    await sandbox.control.idle();
    expect(verified(0, secret)).toMatchObject({ type: 'customer.created', data: { object: { name: 'Ada' } } });
  });

  it('go only to endpoints that want the type', async () => {
    await listen(['customer.deleted']);
    await customerNamed('Ada');
    await sandbox.control.idle();
    expect(receiver.received).toEqual([]);
  });

  it('tell the old values of what changed, and nothing when nothing did', async () => {
    const { secret } = await listen(['customer.updated']);
    const { id } = await stripe.customers.create({ name: 'Ada', metadata: { a: '1' } });
    await stripe.customers.update(id, { name: 'Ada' });
    await stripe.customers.update(id, { name: 'Eve', metadata: { a: '2' } });
    await sandbox.control.idle();
    expect(receiver.received).toHaveLength(1);
    expect(verified(0, secret).data.previous_attributes).toEqual({ name: 'Ada', metadata: { a: '1' } });
  });

  it('carry the request and its idempotency key', async () => {
    const { secret } = await listen();
    const { lastResponse } = await stripe.customers.create({}, { idempotencyKey: 'mine' });
    await sandbox.control.idle();
    expect(verified(0, secret).request).toEqual({ id: lastResponse.requestId, idempotency_key: 'mine' });
  });

  it('are repeated on the test clock until the endpoint answers 2xx', async () => {
    await listen(['customer.created']);
    receiver.status = 500;
    const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    await stripe.customers.create({ test_clock: clock });
    await sandbox.control.idle();
    expect((await stripe.events.list({ delivery_success: false })).data[0]).toMatchObject({ pending_webhooks: 1 });
    await sandbox.control.advance(clock, { seconds: 59 });
    expect(receiver.received).toHaveLength(1);
    await sandbox.control.advance(clock, { seconds: 1 });
    expect(receiver.received).toHaveLength(2);
    receiver.status = 204;
    await sandbox.control.advance(clock, { seconds: 300 });
    expect(receiver.received).toHaveLength(3);
    const [delivery] = await sandbox.control.deliveries();
    expect(delivery?.attempts.map(({ result }) => result)).toEqual([500, 500, 204]);
    expect((await stripe.events.list({ delivery_success: false, type: 'customer.created' })).data).toEqual([]);
  });

  it('are given up after three days', async () => {
    await listen();
    receiver.status = 500;
    const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    await stripe.customers.create({ test_clock: clock });
    await sandbox.control.idle();
    for (let step = 0; step < 14; step += 1) await sandbox.control.advance(clock, { seconds: 50_400 });
    const [delivery] = await sandbox.control.deliveries();
    expect(delivery?.state).toBe('failed');
    expect(delivery?.attempts).toHaveLength(12);
  });

  it('are signed with the old secret too, after a roll', async () => {
    const { id, secret } = await listen();
    const next = await sandbox.control.rollSecret(id);
    await customerNamed('Ada');
    await sandbox.control.idle();
    expect(verified(0, secret).id).toBe(verified(0, next).id);
  });

  it('can be sent twice, lost, held back, reordered, and under a new id', async () => {
    await listen();
    const { control } = sandbox;
    await control.addRule({ kind: 'duplicate' });
    await control.addRule({ kind: 'lose' });
    await control.addRule({ kind: 'hold' });
    for (const name of ['twice', 'lost', 'held']) await customerNamed(name);
    await control.idle();
    expect(names()).toEqual(['twice', 'twice']);
    await control.release();
    await control.idle();
    expect(names()).toEqual(['twice', 'twice', 'held']);
    await control.addRule({ kind: 'reorder', count: 2 });
    for (const name of ['first', 'second']) await customerNamed(name);
    await control.idle();
    expect(names().slice(3).toSorted()).toEqual(['first', 'second']);
    await control.addRule({ kind: 'reissue' });
    await customerNamed('again');
    await control.idle();
    const ids = receiver.received.slice(5).map(({ body }) => body.match(/"id": "(evt_\w+)"/)?.[1]);
    expect(names().slice(5)).toEqual(['again', 'again']);
    expect(new Set(ids).size).toBe(2);
  });
});

describe('events', () => {
  it('are listed newest first, by type and by group', async () => {
    const { id } = await stripe.customers.create({ name: 'Ada' });
    await stripe.customers.update(id, { name: 'Eve' });
    const all = await stripe.events.list({ type: 'customer.*' });
    expect(all.data.map(({ type }) => type)).toEqual(['customer.updated', 'customer.created']);
    const one = await stripe.events.list({ types: ['customer.created'] });
    expect(one.data).toHaveLength(1);
    expect(await stripe.events.retrieve(one.data[0]?.id ?? '')).toMatchObject({ type: 'customer.created' });
  });
});
