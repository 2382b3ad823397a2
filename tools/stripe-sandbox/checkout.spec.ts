import type Stripe from 'stripe';
import { catalogue, customerOnClock, day, errorOf, startForTest, type TestSandbox } from './test/harness';

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

async function open(params: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const on = await customerOnClock(sandbox, start);
  const session = await stripe.checkout.sessions.create({
    ...{ customer: on.customer, mode: 'subscription', line_items: [{ price: prices.monthly, quantity: 3 }] },
    ...{ success_url: 'http://localhost/done?session={CHECKOUT_SESSION_ID}', client_reference_id: 'org_1' },
    ...{ subscription_data: { metadata: { organizationId: 'org_1' } }, ...params },
  });
  const read = () => stripe.checkout.sessions.retrieve(session.id);
  return { ...on, session, read };
}

async function subscriptionsOf(customer: string): Promise<Stripe.Subscription[]> {
  return (await stripe.subscriptions.list({ customer, status: 'all' })).data;
}

describe('a checkout session', () => {
  it('becomes a paid subscription when the customer submits the page', async () => {
    const { session, customer, read } = await open();
    expect(session).toMatchObject({
      status: 'open',
      payment_status: 'unpaid',
      amount_total: 3_000,
      client_reference_id: 'org_1',
    });
    expect(await sandbox.control.submitCheckout(session.id)).toEqual({ status: 'complete', error: null });
    const [subscription] = await subscriptionsOf(customer);
    expect(subscription).toMatchObject({ status: 'active', metadata: { organizationId: 'org_1' } });
    expect(subscription?.default_payment_method).toMatch(/^pm_/);
    expect(await read()).toMatchObject({ payment_status: 'paid', subscription: subscription?.id, url: null });
  });

  it('shows its line items', async () => {
    const { session } = await open();
    const { data } = await stripe.checkout.sessions.listLineItems(session.id);
    expect(data).toMatchObject([{ quantity: 3, amount_total: 3_000, price: { id: prices.monthly } }]);
  });

  it('stays open when the card is declined, and leaves no subscription behind', async () => {
    const { session, customer } = await open();
    for (const card of ['4000000000000002', 'pm_card_chargeCustomerFail']) {
      const answer = await sandbox.control.submitCheckout(session.id, { card });
      expect(answer).toEqual({ status: 'open', error: 'Your card was declined.' });
    }
    expect(await subscriptionsOf(customer)).toEqual([]);
  });

  it('stays open when the customer refuses at the bank, and completes when they agree', async () => {
    const { session } = await open();
    const card = 'pm_card_authenticationRequired';
    expect(await sandbox.control.submitCheckout(session.id, { card, agrees: false })).toMatchObject({ status: 'open' });
    expect(await sandbox.control.submitCheckout(session.id, { card })).toMatchObject({ status: 'complete' });
  });

  it('is unpaid until a debit is settled', async () => {
    const { session, clock, read } = await open();
    await sandbox.control.submitCheckout(session.id, { card: 'AT321904300235473204' });
    expect(await read()).toMatchObject({ status: 'complete', payment_status: 'unpaid' });
    await sandbox.control.advance(clock, { seconds: 3 * day });
    expect((await read()).payment_status).toBe('paid');
    const { data } = await stripe.events.list({ type: 'checkout.session.async_payment_succeeded' });
    expect(data).toHaveLength(1);
  });

  it('needs no card for a trial that asks for none', async () => {
    const trial_settings = { end_behavior: { missing_payment_method: 'cancel' as const } };
    const { session, customer, read } = await open({
      payment_method_collection: 'if_required',
      subscription_data: { trial_period_days: 14, trial_settings },
    });
    expect(await sandbox.control.submitCheckout(session.id, {})).toEqual({ status: 'complete', error: null });
    expect((await read()).payment_status).toBe('no_payment_required');
    expect(await subscriptionsOf(customer)).toMatchObject([{ status: 'trialing', trial_settings }]);
  });

  it('takes a promotion code that the customer types', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' });
    await stripe.promotionCodes.create({ code: 'HALF', promotion: { type: 'coupon', coupon: coupon.id } });
    const { session, read } = await open({ allow_promotion_codes: true });
    const wrong = await sandbox.control.submitCheckout(session.id, { card: 'pm_card_visa', promotionCode: 'none' });
    expect(wrong).toEqual({ status: 'open', error: 'This code is invalid.' });
    await sandbox.control.submitCheckout(session.id, { card: 'pm_card_visa', promotionCode: 'half' });
    expect(await read()).toMatchObject({ amount_total: 1_500, total_details: { amount_discount: 1_500 } });
  });

  it('adds tax for the country that the customer enters', async () => {
    const { session, customer, read } = await open({
      ...{ automatic_tax: { enabled: true }, customer_update: { address: 'auto', name: 'auto' } },
    });
    expect((await sandbox.control.submitCheckout(session.id)).error).toContain('Enter your country');
    await sandbox.control.submitCheckout(session.id, { card: 'pm_card_visa', country: 'DE' });
    expect(await read()).toMatchObject({ amount_subtotal: 3_000, amount_total: 3_570 });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ address: { country: 'DE' } });
  });

  it('expires when its time is over, or when asked', async () => {
    const { session, clock, read } = await open({ expires_at: start + 1_800 });
    await sandbox.control.advance(clock, { seconds: 1_800 });
    expect((await read()).status).toBe('expired');
    expect((await errorOf(stripe.checkout.sessions.expire(session.id))).statusCode).toBe(400);
    const other = await open();
    expect((await stripe.checkout.sessions.expire(other.session.id)).status).toBe('expired');
    expect(await sandbox.control.submitCheckout(other.session.id)).toMatchObject({ status: 'expired' });
  });

  it.each([1_799, 86_401])('refuses to live for %d seconds', async (seconds) => {
    const error = await errorOf(open({ expires_at: start + seconds }));
    expect(error).toMatchObject({ statusCode: 400, param: 'expires_at' });
  });
});

/** Submits a form of a page, as a browser does. */
function post(url: string, form: Record<string, string>): Promise<Response> {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
}

describe('the pages', () => {
  it('say that they are a sandbox, and fit phones and dark mode', async () => {
    const { session } = await open();
    const text = await (await fetch(session.url ?? '')).text();
    expect(text).toContain('No real money moves.');
    expect(text).toContain('width=device-width');
    expect(text).toContain('prefers-color-scheme:dark');
    expect(text).toContain('$30.00');
  });

  it('take a card at the checkout and lead back', async () => {
    const { session } = await open();
    const declined = await post(session.url ?? '', { card: '4000 0000 0000 0002' });
    expect(declined.status).toBe(402);
    expect(await declined.text()).toContain('Your card was declined.');
    const done = await post(session.url ?? '', { card: '4242 4242 4242 4242' });
    expect(done.headers.get('location')).toBe(`http://localhost/done?session=${session.id}`);
    expect((await fetch(session.url ?? '')).status).toBe(410);
  });

  it('escape what others wrote', async () => {
    const product = await stripe.products.create({ name: '<script>alert(1)</script>' });
    const price = await stripe.prices.create({
      ...{ product: product.id, currency: 'usd', unit_amount: 1, recurring: { interval: 'month' } },
    });
    const { session } = await open({ line_items: [{ price: price.id, quantity: 1 }] });
    const text = await (await fetch(session.url ?? '')).text();
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toContain('<script>');
  });

  it('pay an open invoice by way of the bank', async () => {
    const { customer } = await customerOnClock(sandbox, start, 'pm_card_chargeCustomerFail');
    const { latest_invoice: id } = await stripe.subscriptions.create({ customer, items: [{ price: prices.monthly }] });
    if (typeof id !== 'string') throw new Error('No invoice.');
    const { hosted_invoice_url: url } = await stripe.invoices.retrieve(id);
    expect(await (await fetch(url ?? '')).text()).toContain('Pay $10.00');
    const bank = (await post(url ?? '', { card: '4000002760003184' })).headers.get('location') ?? '';
    expect(bank).toContain('/3ds/');
    expect((await post(bank, { agrees: 'yes' })).headers.get('location')).toBe(url);
    expect((await stripe.invoices.retrieve(id)).status).toBe('paid');
  });

  it('cancel, resume and change the card in the portal', async () => {
    const { customer } = await customerOnClock(sandbox, start, 'pm_card_visa');
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: prices.monthly }] });
    const { url } = await stripe.billingPortal.sessions.create({ customer, return_url: 'http://localhost/back' });
    expect(await (await fetch(url)).text()).toContain('Cancel at the end of the period');
    await post(url, { action: 'cancel', subscription: id });
    const ending = await stripe.subscriptions.retrieve(id);
    expect(ending).toMatchObject({ cancel_at: start + 31 * day, cancel_at_period_end: false });
    await post(url, { action: 'resume', subscription: id });
    expect((await stripe.subscriptions.retrieve(id)).cancel_at).toBeNull();
    expect((await post(url, { action: 'card', card: '4000000000000002' })).status).toBe(402);
    await post(url, { action: 'card', card: '5555 5555 5555 4444' });
    const paying = await stripe.customers.retrieve(customer, { expand: ['invoice_settings.default_payment_method'] });
    expect(paying).toMatchObject({ invoice_settings: { default_payment_method: { card: { last4: '4444' } } } });
  });

  it('offer in the portal only what its configuration allows', async () => {
    const { customer } = await customerOnClock(sandbox, start, 'pm_card_visa');
    const { id } = await stripe.subscriptions.create({ customer, items: [{ price: prices.monthly }] });
    const configuration = await stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true } },
    });
    const { url } = await stripe.billingPortal.sessions.create({ customer, configuration: configuration.id });
    expect((await post(url, { action: 'cancel', subscription: id })).status).toBe(402);
    expect((await stripe.subscriptions.retrieve(id)).cancel_at).toBeNull();
    expect((await fetch(`${sandbox.url}/portal/unknown`)).status).toBe(404);
  });
});
