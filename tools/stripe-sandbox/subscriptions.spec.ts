import type Stripe from 'stripe';
import { catalogue, customerOnClock, day, errorOf, hour, startForTest, type TestSandbox } from './test/harness';

const start = Date.UTC(2027, 0, 1) / 1_000;
let sandbox: TestSandbox;
let stripe: Stripe;
let prices: Awaited<ReturnType<typeof catalogue>>;
beforeAll(async () => {
  sandbox = await startForTest();
  ({ stripe } = sandbox);
  prices = await catalogue(sandbox);
});
afterAll(() => sandbox.close());

async function subscribe(card: string | undefined, params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const on = await customerOnClock(sandbox, start, card);
  const items = [{ price: prices.monthly }];
  const subscription = await stripe.subscriptions.create({ customer: on.customer, items, ...params });
  const invoices = async () => (await stripe.invoices.list({ customer: on.customer })).data;
  const read = () => stripe.subscriptions.retrieve(subscription.id);
  const advance = (seconds: number) => sandbox.control.advance(on.clock, { seconds });
  return { ...on, subscription, invoices, read, advance };
}

async function useCard(customer: string, card: string): Promise<void> {
  const { id } = await stripe.paymentMethods.attach(card, { customer });
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: id } });
}

const month = 31 * day;

describe('a new subscription', () => {
  it('is active when its first invoice is paid at once', async () => {
    const { subscription, invoices } = await subscribe('pm_card_visa');
    expect(subscription).toMatchObject({ status: 'active', billing_mode: { type: 'flexible' } });
    expect(subscription.items.data[0]).toMatchObject({
      current_period_start: start,
      current_period_end: start + month,
    });
    expect(await invoices()).toMatchObject([
      { status: 'paid', amount_paid: 1_000, billing_reason: 'subscription_create' },
    ]);
  });

  it('needs a payment method', async () => {
    expect(await errorOf(subscribe(undefined))).toMatchObject({ statusCode: 400, code: 'resource_missing' });
  });

  it('is incomplete when the card is declined, and expires after 23 hours with its invoice', async () => {
    const { subscription, invoices, read, advance } = await subscribe('pm_card_chargeCustomerFail');
    expect(subscription.status).toBe('incomplete');
    await advance(23 * hour - 1);
    expect((await read()).status).toBe('incomplete');
    await advance(1);
    expect((await read()).status).toBe('incomplete_expired');
    expect(await invoices()).toMatchObject([{ status: 'void' }]);
  });

  it('becomes active when the owner pays within 23 hours', async () => {
    const { customer, read, invoices } = await subscribe('pm_card_chargeCustomerFail');
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const [invoice] = await invoices();
    await stripe.invoices.pay(invoice?.id ?? '', { payment_method: card.id });
    expect((await read()).status).toBe('active');
  });

  it('waits for authentication at the bank', async () => {
    const { read, customer } = await subscribe('pm_card_authenticationRequired');
    expect((await read()).status).toBe('incomplete');
    const [intent] = (await stripe.paymentIntents.list({ customer })).data;
    expect(intent).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } });
    await sandbox.control.authenticate(intent?.id ?? '');
    expect((await read()).status).toBe('active');
  });

  it('leaves nothing behind with error_if_incomplete', async () => {
    const on = await customerOnClock(sandbox, start, 'pm_card_chargeCustomerFail');
    const params = { customer: on.customer, items: [{ price: prices.monthly }] };
    const error = await errorOf(stripe.subscriptions.create({ ...params, payment_behavior: 'error_if_incomplete' }));
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect((await stripe.subscriptions.list({ customer: on.customer, status: 'all' })).data).toEqual([]);
  });

  it('refuses a second currency on the same customer', async () => {
    const { customer } = await subscribe('pm_card_visa');
    const euro = await stripe.prices.create({
      ...{ product: prices.product, currency: 'eur', unit_amount: 1, recurring: { interval: 'month' } },
    });
    const error = await errorOf(stripe.subscriptions.create({ customer, items: [{ price: euro.id }] }));
    expect(error.message).toContain('You cannot combine currencies on a single customer');
  });
});

describe('a renewal', () => {
  it('is a draft for an hour, then open and paid', async () => {
    const { advance, invoices, read } = await subscribe('pm_card_visa');
    await advance(month);
    expect((await invoices())[0]).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle' });
    expect((await read()).items.data[0]?.current_period_start).toBe(start + month);
    await advance(hour);
    expect((await invoices())[0]).toMatchObject({ status: 'paid', amount_paid: 1_000, attempt_count: 1 });
  });

  it('is retried on days 1, 2, 4, 6, 8, 10, 12 and 14, and then cancels', async () => {
    const { advance, clock, customer, invoices, read } = await subscribe('pm_card_visa');
    await useCard(customer, 'pm_card_chargeCustomerFail');
    await advance(month + hour);
    expect((await read()).status).toBe('past_due');
    const days: number[] = [];
    for (;;) {
      const [invoice] = await invoices();
      const next = invoice?.next_payment_attempt ?? null;
      if (next === null) break;
      days.push((next - start - month - hour) / day);
      await sandbox.control.advance(clock, { to: next });
    }
    expect(days).toEqual([1, 2, 4, 6, 8, 10, 12, 14]);
    expect(await read()).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } });
    expect((await invoices())[0]).toMatchObject({ status: 'open', attempt_count: 9, auto_advance: false });
  });

  it('recovers with a new card at the next retry', async () => {
    const { advance, customer, invoices, read } = await subscribe('pm_card_visa');
    await useCard(customer, 'pm_card_chargeCustomerFail');
    await advance(month + hour);
    expect((await read()).status).toBe('past_due');
    await useCard(customer, 'pm_card_visa');
    await advance(day);
    expect((await read()).status).toBe('active');
    expect((await invoices())[0]).toMatchObject({ status: 'paid', attempt_count: 2 });
  });

  it('goes through a whole year', async () => {
    const { advance, customer, invoices, read } = await subscribe('pm_card_visa');
    await advance(366 * day);
    const all = await invoices();
    expect(all.filter(({ status }) => status === 'paid')).toHaveLength(10);
    expect((await stripe.invoices.list({ customer, limit: 100 })).data).toHaveLength(13);
    expect((await read()).status).toBe('active');
  });
});

describe('a trial', () => {
  const trial = { trial_period_days: 14 };

  it('costs nothing, is announced three days before its end, and then charges the card', async () => {
    const { subscription, advance, invoices, read } = await subscribe('pm_card_visa', trial);
    expect(subscription).toMatchObject({ status: 'trialing', trial_end: start + 14 * day });
    expect(await invoices()).toMatchObject([{ status: 'paid', total: 0 }]);
    await advance(11 * day);
    const { data } = await stripe.events.list({ type: 'customer.subscription.trial_will_end' });
    expect(data.filter((event) => event.created === start + 11 * day)).toHaveLength(1);
    await advance(3 * day + hour);
    expect((await read()).status).toBe('active');
    expect((await invoices())[0]).toMatchObject({ status: 'paid', total: 1_000 });
  });

  it.each([
    ['cancel', 'canceled'],
    ['pause', 'paused'],
  ] as const)('without a card ends as asked: %s', async (missing_payment_method, status) => {
    const trial_settings = { end_behavior: { missing_payment_method } };
    const { advance, read, customer } = await subscribe(undefined, { ...trial, trial_settings });
    await advance(14 * day);
    expect((await read()).status).toBe(status);
    if (status !== 'paused') return;
    await useCard(customer, 'pm_card_visa');
    const { id } = await read();
    expect((await stripe.subscriptions.resume(id)).status).toBe('active');
  });

  it('without a card makes an invoice that cannot be paid', async () => {
    const { advance, read, invoices } = await subscribe(undefined, trial);
    await advance(14 * day + hour);
    expect((await read()).status).toBe('past_due');
    expect((await invoices())[0]).toMatchObject({ status: 'open', amount_due: 1_000 });
  });
});

describe('cancelling', () => {
  it('now ends the subscription and keeps its invoices', async () => {
    const { subscription, invoices } = await subscribe('pm_card_visa');
    const ended = await stripe.subscriptions.cancel(subscription.id);
    expect(ended).toMatchObject({ status: 'canceled', ended_at: start });
    expect(await invoices()).toMatchObject([{ status: 'paid' }]);
  });

  it.each([{ cancel_at_period_end: true }, { cancel_at: 'min_period_end' as const }])(
    'by %j ends with the period',
    async (how) => {
      const { subscription, advance, read, invoices } = await subscribe('pm_card_visa');
      await stripe.subscriptions.update(subscription.id, how);
      expect(await read()).toMatchObject({ status: 'active', cancel_at: start + month });
      await advance(month + hour);
      expect(await read()).toMatchObject({ status: 'canceled', ended_at: start + month });
      expect(await invoices()).toHaveLength(1);
    },
  );

  it('can be taken back before the end', async () => {
    const { subscription, advance, read } = await subscribe('pm_card_visa');
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
    await advance(month + hour);
    expect(await read()).toMatchObject({ status: 'active', cancel_at: null, cancel_at_period_end: false });
  });

  it('refuses both spellings in one request', async () => {
    const { subscription } = await subscribe('pm_card_visa');
    const both = { cancel_at_period_end: true, cancel_at: 'min_period_end' as const };
    expect((await errorOf(stripe.subscriptions.update(subscription.id, both))).statusCode).toBe(400);
  });
});

describe('pausing collection', () => {
  it('leaves the status alone and voids what falls due, until it resumes', async () => {
    const { subscription, advance, read, invoices } = await subscribe('pm_card_visa');
    const resumes_at = start + month + day;
    await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void', resumes_at } });
    await advance(month);
    expect((await read()).status).toBe('active');
    expect((await invoices())[0]).toMatchObject({ status: 'void' });
    await advance(day);
    expect((await read()).pause_collection).toBeNull();
  });
});
