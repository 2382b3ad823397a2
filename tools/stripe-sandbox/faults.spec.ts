import type Stripe from 'stripe';
import { clientFor, errorOf, startForTest, type TestSandbox } from './test/harness';

let sandbox: TestSandbox;
let stripe: Stripe;
beforeAll(async () => {
  sandbox = await startForTest();
  ({ stripe } = sandbox);
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.control.clearFaults());

describe('faults', () => {
  it('answer 429 as often as asked', async () => {
    await sandbox.control.addFault({ kind: 'rate_limit', count: 2, path: '/v1/customers' });
    await stripe.products.list();
    expect(await errorOf(stripe.customers.list())).toMatchObject({ statusCode: 429, code: 'rate_limit' });
    expect(await errorOf(stripe.customers.list())).toMatchObject({ statusCode: 429 });
    expect((await stripe.customers.list()).object).toBe('list');
  });

  // The SDK repeats a request once when the connection closes, even if it may not repeat any.
  it('cut the connection before the effect', async () => {
    await sandbox.control.addFault({ kind: 'cut', path: '/v1/customers', count: 2 });
    const email = 'before@example.test';
    expect(await errorOf(stripe.customers.create({ email }))).toMatchObject({ type: 'StripeConnectionError' });
    expect((await stripe.customers.list({ email })).data).toHaveLength(0);
  });

  it('cut the connection after the effect', async () => {
    await sandbox.control.addFault({ kind: 'cut', when: 'after', path: '/v1/customers', count: 2 });
    const email = 'after@example.test';
    const create = stripe.customers.create({ email }, { idempotencyKey: 'cut' });
    expect(await errorOf(create)).toMatchObject({ type: 'StripeConnectionError' });
    expect((await stripe.customers.list({ email })).data).toHaveLength(1);
  });

  it('do a request once that the SDK repeats after a cut', async () => {
    const patient = clientFor(sandbox, 1);
    await sandbox.control.addFault({ kind: 'cut', when: 'after', path: '/v1/customers' });
    const { id } = await patient.customers.create({ email: 'once@example.test' });
    const { data } = await stripe.customers.list({ email: 'once@example.test' });
    expect(data.map((customer) => customer.id)).toEqual([id]);
  });

  it('answer JSON without an error, which the SDK takes for success', async () => {
    await sandbox.control.addFault({ kind: 'garbage', path: '/v1/customers' });
    expect((await stripe.customers.retrieve('cus_1')).id).toBeUndefined();
  });

  it('answer HTML, as a proxy does', async () => {
    await sandbox.control.addFault({ kind: 'html', path: '/v1/customers' });
    expect(await errorOf(stripe.customers.list())).toMatchObject({ type: 'StripeAPIError' });
  });

  it('leave a request without an answer', async () => {
    await sandbox.control.addFault({ kind: 'hang', path: '/v1/customers' });
    const hurried = stripe.customers.list({}, { timeout: 50 });
    expect(await errorOf(hurried)).toMatchObject({ type: 'StripeConnectionError' });
  });
});
