import Stripe from 'stripe';
import { clientFor, errorOf, startForTest, type TestSandbox } from './test/harness';
import { startStripeSandbox } from '.';

let sandbox: TestSandbox;
let stripe: Stripe;
beforeAll(async () => {
  sandbox = await startForTest();
  ({ stripe } = sandbox);
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.control.clearFaults());

async function raw(path: string, headers: Record<string, string> = {}, init: RequestInit = {}) {
  const authorization = `Bearer ${sandbox.secretKey}`;
  return fetch(`${sandbox.url}${path}`, { ...init, headers: { authorization, ...headers } });
}

describe('the Stripe sandbox', () => {
  it('refuses to start with a live key', async () => {
    await expect(startStripeSandbox({ port: 0, secretKey: 'sk_live_1234' })).rejects.toThrow("begin with 'sk_test_'");
  });

  it.each(['sk_live_1234', 'rk_live_1234'])('refuses requests with the live key %s', async (secretKey) => {
    const error = await errorOf(clientFor({ ...sandbox, secretKey }).customers.list());
    expect(error).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' });
    expect(error.message).toContain('refuses live keys');
  });

  it('refuses requests without the key it was started with', async () => {
    const other = await errorOf(clientFor({ ...sandbox, secretKey: 'sk_test_other' }).customers.list());
    expect(other).toMatchObject({ statusCode: 401, message: 'Invalid API Key provided: sk_test_****' });
    expect((await fetch(`${sandbox.url}/v1/customers`)).status).toBe(401);
  });

  it('refuses requests that name another host, so that a web page cannot reach it', async () => {
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request(`${sandbox.url}/v1/customers`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('answers 501 for what it does not do', async () => {
    const error = await errorOf(stripe.customers.search({ query: "email:'a@example.test'" }));
    expect(error).toMatchObject({ statusCode: 501, code: 'sandbox_unsupported' });
    expect((await raw('/v1/quotes')).status).toBe(501);
  });

  it('refuses another API version', async () => {
    expect((await raw('/v1/customers', { 'stripe-version': '2020-08-27' })).status).toBe(400);
  });

  it('answers with a request id and the version', async () => {
    const customer = await stripe.customers.create({});
    expect(customer.lastResponse.requestId).toMatch(/^req_/);
    expect(customer.lastResponse.apiVersion).toBe(Stripe.API_VERSION);
  });
});

describe('errors', () => {
  it('name an unknown parameter', async () => {
    const error = await errorOf(stripe.rawRequest('POST', '/v1/customers', { nickname: 'Ada' }));
    expect(error).toMatchObject({ statusCode: 400, code: 'parameter_unknown', param: 'nickname' });
    expect(error.doc_url).toBe('https://stripe.com/docs/error-codes/parameter-unknown');
  });

  it('name a missing parameter', async () => {
    const error = await errorOf(stripe.rawRequest('POST', '/v1/products', {}));
    expect(error).toMatchObject({ statusCode: 400, code: 'parameter_missing', param: 'name' });
  });

  it('name what a path or a parameter refers to in vain', async () => {
    const path = await errorOf(stripe.customers.retrieve('cus_none'));
    expect(path).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
      param: 'id',
      message: "No such customer: 'cus_none'",
    });
    const param = await errorOf(stripe.prices.create({ product: 'prod_none', currency: 'usd', unit_amount: 1 }));
    expect(param).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'product' });
  });

  it('tell a declined card as 402 with its decline code', async () => {
    const { id } = await stripe.customers.create({});
    const declined = stripe.paymentMethods.attach('pm_card_chargeDeclinedInsufficientFunds', { customer: id });
    expect(await errorOf(declined)).toMatchObject({
      ...{ statusCode: 402, type: 'StripeCardError', code: 'card_declined', decline_code: 'insufficient_funds' },
    });
  });
});

describe('idempotency', () => {
  it('repeats the stored response to the same request', async () => {
    const key = { idempotencyKey: 'repeat' };
    const first = await stripe.customers.create({ name: 'Ada' }, key);
    const second = await stripe.customers.create({ name: 'Ada' }, key);
    expect(second.id).toBe(first.id);
    expect(second.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true', 'idempotency-key': 'repeat' });
    expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('refuses a key with other parameters', async () => {
    const key = { idempotencyKey: 'other' };
    await stripe.customers.create({ name: 'Ada' }, key);
    const error = await errorOf(stripe.customers.create({ name: 'Eve' }, key));
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError' });
  });

  it('refuses a key while its first request is running', async () => {
    const key = { idempotencyKey: 'running' };
    await sandbox.control.addFault({ kind: 'slow', ms: 300, method: 'POST' });
    const first = stripe.customers.create({ name: 'Ada' }, key);
    await untilTaken();
    const error = await errorOf(stripe.customers.create({ name: 'Ada' }, key));
    expect(error).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect((await first).name).toBe('Ada');
  });

  it('stores a 500 that came after the effect', async () => {
    const key = { idempotencyKey: 'failed' };
    const email = 'failed@example.test';
    await sandbox.control.addFault({ kind: 'error', when: 'after', path: '/v1/customers' });
    expect(await errorOf(stripe.customers.create({ email }, key))).toMatchObject({ statusCode: 500 });
    expect(await errorOf(stripe.customers.create({ email }, key))).toMatchObject({ statusCode: 500 });
    expect((await stripe.customers.list({ email })).data).toHaveLength(1);
  });

  it('stores nothing for a request that was not valid', async () => {
    const key = { idempotencyKey: 'invalid' };
    await errorOf(stripe.rawRequest('POST', '/v1/customers', { wrong: '1' }, key));
    expect((await stripe.customers.create({ name: 'Ada' }, key)).name).toBe('Ada');
  });
});

/** Until the fault that was added has hit its request. */
async function untilTaken(): Promise<void> {
  for (;;) {
    const answer = await fetch(`${sandbox.url}/_sandbox/faults`);
    if ((await answer.text()) === '{"faults":[]}') return;
  }
}

describe('lists', () => {
  const email = 'lists@example.test';
  let ids: string[];
  beforeAll(async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await stripe.customers.create({ email })).id);
    ids = made.toReversed();
  });

  it('are newest first, in pages', async () => {
    const first = await stripe.customers.list({ email, limit: 2 });
    expect(first.data.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(first.has_more).toBe(true);
    const rest = await stripe.customers.list({ email, starting_after: ids[1] ?? '' });
    expect(rest.data.map(({ id }) => id)).toEqual(ids.slice(2));
    expect(rest.has_more).toBe(false);
  });

  it('go back with ending_before', async () => {
    const page = await stripe.customers.list({ email, limit: 2, ending_before: ids[4] ?? '' });
    expect(page.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect(page.has_more).toBe(true);
  });

  it('are read to their end by the SDK', async () => {
    const all = await stripe.customers.list({ email, limit: 2 }).autoPagingToArray({ limit: 100 });
    expect(all.map(({ id }) => id)).toEqual(ids);
  });

  it.each([0, 101])('refuse a limit of %d', async (limit) => {
    expect(await errorOf(stripe.customers.list({ limit }))).toMatchObject({ statusCode: 400, param: 'limit' });
  });

  it('leave out what is on a test clock, as Stripe does', async () => {
    const clock = await stripe.testHelpers.testClocks.create({ frozen_time: 1_800_000_000 });
    const { id } = await stripe.customers.create({ email: 'clock@example.test', test_clock: clock.id });
    expect((await stripe.customers.list({ email: 'clock@example.test' })).data).toEqual([]);
    expect((await stripe.customers.list({ test_clock: clock.id })).data.map((each) => each.id)).toEqual([id]);
  });
});

describe('expand', () => {
  it('puts an object in place of its id', async () => {
    const product = await stripe.products.create({ name: 'Team' });
    const { id } = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1 });
    const price = await stripe.prices.retrieve(id, { expand: ['product'] });
    expect(price.product).toMatchObject({ id: product.id, name: 'Team' });
    expect((await stripe.prices.retrieve(id)).product).toBe(product.id);
  });

  it('reaches into lists', async () => {
    const product = await stripe.products.create({ name: 'Team' });
    await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 1 });
    const { data } = await stripe.prices.list({ product: product.id, expand: ['data.product'] });
    expect(data[0]?.product).toMatchObject({ name: 'Team' });
  });

  it('refuses what cannot be expanded', async () => {
    const error = await errorOf(stripe.customers.create({ expand: ['nonsense'] }));
    expect(error).toMatchObject({ statusCode: 400, message: 'This property cannot be expanded (nonsense).' });
  });
});
