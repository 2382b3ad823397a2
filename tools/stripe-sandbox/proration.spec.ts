import type Stripe from 'stripe';
import { allocate, rounded, shareOf } from './billing/money';
import { catalogue, customerOnClock, day, errorOf, hour, startForTest, type TestSandbox } from './test/harness';

/** The example of https://docs.stripe.com/billing/subscriptions/prorations */
const period = { start: 1_596_749_288, end: 1_599_427_688, change: 1_598_982_148 };

let sandbox: TestSandbox;
let stripe: Stripe;
let prices: Awaited<ReturnType<typeof catalogue>>;
beforeAll(async () => {
  sandbox = await startForTest();
  ({ stripe } = sandbox);
  prices = await catalogue(sandbox);
});
afterAll(() => sandbox.close());

async function priceOf(unit_amount: number): Promise<string> {
  const shared = { product: prices.product, currency: 'usd', recurring: { interval: 'month' as const } };
  return (await stripe.prices.create({ ...shared, unit_amount })).id;
}

/** A monthly subscription that began at the start of the example's period. */
async function subscribed(price: string, mode: 'classic' | 'flexible' = 'flexible', card = 'pm_card_visa') {
  const on = await customerOnClock(sandbox, period.start, card);
  const subscription = await stripe.subscriptions.create({
    ...{ customer: on.customer, items: [{ price }], billing_mode: { type: mode } },
  });
  const item = subscription.items.data[0]?.id ?? '';
  const preview = (to: string, at: number) =>
    stripe.invoices.createPreview({
      ...{ customer: on.customer, subscription: subscription.id },
      subscription_details: {
        ...{ items: [{ id: item, price: to }], proration_behavior: 'always_invoice', proration_date: at },
      },
    });
  const update = (params: Stripe.SubscriptionUpdateParams) => stripe.subscriptions.update(subscription.id, params);
  const to = (time: number) => sandbox.control.advance(on.clock, { to: time });
  return { ...on, id: subscription.id, item, preview, update, to };
}

function amounts(invoice: Stripe.Invoice): number[] {
  return invoice.lines.data.map(({ amount }) => amount);
}

describe('amounts', () => {
  it('are rounded half away from zero', () => {
    expect([0.5, 1.5, 2.4, -0.5, -1.5, -2.4].map(rounded)).toEqual([1, 2, 2, -1, -2, -2]);
  });

  it.each([
    [1_000, -166],
    [3_252, -541],
  ])('of %d give back what is left of the period: %d', (amount, credit) => {
    expect(-shareOf(amount, period.end - period.change, period.end - period.start)).toBe(credit);
  });

  it('of a third of a period are 333 of 1000 and 667 of 2000', () => {
    expect([shareOf(1_000, 10, 30), -shareOf(2_000, 10, 30)]).toEqual([333, -667]);
  });

  it('off are divided in proportion: 500 over 1000 and 2000 are 166 and 334', () => {
    expect(allocate(500, [1_000, 2_000])).toEqual([166, 334]);
  });

  it('after a discount give back what was paid: half of 1000 − 166 is 417', () => {
    expect(shareOf(1_000 - 166, 1, 2)).toBe(417);
  });
});

describe('an upgrade', () => {
  it('is previewed as a credit and a charge, and changes nothing', async () => {
    const { preview, id } = await subscribed(prices.monthly);
    expect(amounts(await preview(await priceOf(3_252), period.change))).toEqual([-166, 541]);
    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(prices.monthly);
  });

  it('with always_invoice is paid at once', async () => {
    const { item, to, update, customer } = await subscribed(prices.monthly);
    await to(period.change);
    const changed = await update({ items: [{ id: item, price: prices.double }], proration_behavior: 'always_invoice' });
    expect(changed.items.data[0]?.price.id).toBe(prices.double);
    const [invoice] = (await stripe.invoices.list({ customer })).data;
    expect(invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update', total: 167 });
  });

  it('with create_prorations waits for the renewal', async () => {
    const { item, to, update, customer } = await subscribed(prices.monthly);
    await to(period.change);
    await update({ items: [{ id: item, price: prices.double }] });
    expect((await stripe.invoices.list({ customer })).data).toHaveLength(1);
    await to(period.end + hour);
    const [invoice] = (await stripe.invoices.list({ customer })).data;
    expect(invoice).toMatchObject({ status: 'paid', total: 2_000 + 333 - 166 });
  });

  it.each([
    ['flexible', 0],
    ['classic', -334],
  ] as const)('without proration on day 10, taken back on day 20, gives in %s mode %d', async (mode, total) => {
    const { item, to, update, customer } = await subscribed(prices.monthly, mode);
    const span = (period.end - period.start) / 3;
    await to(period.start + span);
    await update({ items: [{ id: item, price: prices.double }], proration_behavior: 'none' });
    await to(period.start + 2 * span);
    await update({ items: [{ id: item, price: prices.monthly }] });
    await to(period.end);
    const [renewal] = (await stripe.invoices.list({ customer })).data;
    expect(renewal?.total).toBe(1_000 + total);
  });

  it('with pending_if_incomplete changes nothing until it is paid', async () => {
    const { item, to, update, customer, id } = await subscribed(prices.monthly);
    const { id: bad } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad } });
    await to(period.change);
    const pending = await update({
      ...{ items: [{ id: item, price: prices.double }], proration_behavior: 'always_invoice' },
      payment_behavior: 'pending_if_incomplete',
    });
    expect(pending.pending_update).toMatchObject({ expires_at: period.change + 23 * hour });
    expect(pending.items.data[0]?.price.id).toBe(prices.monthly);
    expect(pending.status).toBe('active');
    const { id: good } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    const [invoice] = (await stripe.invoices.list({ customer, status: 'open' })).data;
    await stripe.invoices.pay(invoice?.id ?? '', { payment_method: good });
    const applied = await stripe.subscriptions.retrieve(id);
    expect(applied.pending_update).toBeNull();
    expect(applied.items.data[0]?.price.id).toBe(prices.double);
  });

  it('that waits for its payment expires after 23 hours', async () => {
    const { item, to, update, customer, id } = await subscribed(prices.monthly);
    const { id: bad } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad } });
    await to(period.change);
    await update({
      ...{ items: [{ id: item, price: prices.double }], proration_behavior: 'always_invoice' },
      payment_behavior: 'pending_if_incomplete',
    });
    await to(period.change + 23 * hour);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ pending_update: null, status: 'active' });
    expect((await stripe.invoices.list({ customer, status: 'void' })).data).toHaveLength(1);
  });

  it('with error_if_incomplete leaves all as it was when the card is declined', async () => {
    const { item, to, update, customer, id } = await subscribed(prices.monthly);
    const { id: bad } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad } });
    await to(period.change);
    const change = { items: [{ id: item, price: prices.double }], proration_behavior: 'always_invoice' as const };
    const error = await errorOf(update({ ...change, payment_behavior: 'error_if_incomplete' }));
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect((await stripe.subscriptions.retrieve(id)).items.data[0]?.price.id).toBe(prices.monthly);
  });
});

describe('a longer interval', () => {
  it('needs a new anchor, and charges the year at once', async () => {
    const { item, to, update, customer } = await subscribed(prices.monthly);
    await to(period.change);
    const changed = await update({
      ...{ items: [{ id: item, price: prices.yearly }], billing_cycle_anchor: { type: 'now' } },
      proration_behavior: 'always_invoice',
    });
    expect(changed.items.data[0]).toMatchObject({
      ...{ current_period_start: period.change, current_period_end: period.change + 365 * day },
    });
    const [invoice] = (await stripe.invoices.list({ customer })).data;
    expect(invoice?.total).toBe(10_000 - 166);
  });
});

describe('seats', () => {
  it('are charged for the rest of the period when they are added, and credited when removed', async () => {
    const { item, preview, to, update, customer } = await subscribed(prices.monthly);
    await to(period.change);
    await update({ items: [{ id: item, quantity: 3 }] });
    const added = await preview(prices.monthly, period.change);
    expect(added.total).toBe(499 - 166);
    await update({ items: [{ id: item, quantity: 1 }] });
    await to(period.end + hour);
    const [renewal] = (await stripe.invoices.list({ customer })).data;
    expect(renewal?.total).toBe(1_000);
  });
});
