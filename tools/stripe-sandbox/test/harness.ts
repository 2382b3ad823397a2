import Stripe from 'stripe';
import { startStripeSandbox, type RunningSandbox, type SandboxOptions } from '..';

export interface TestSandbox extends RunningSandbox {
  readonly stripe: Stripe;
}

/** The official client for a sandbox, which does not repeat requests by itself. */
export function clientFor({ port, secretKey }: Pick<RunningSandbox, 'port' | 'secretKey'>, retries = 0): Stripe {
  return new Stripe(secretKey, {
    ...{ host: '127.0.0.1', port, protocol: 'http', telemetry: false },
    ...{ maxNetworkRetries: retries, timeout: 5_000 },
  });
}

export async function startForTest(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const sandbox = await startStripeSandbox({ port: 0, ...options });
  return { ...sandbox, stripe: clientFor(sandbox) };
}

/** The error that a request ends with. */
export async function errorOf(work: Promise<unknown>): Promise<InstanceType<typeof Stripe.errors.StripeError>> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('The request succeeded.');
}

export const day = 86_400;
export const hour = 3_600;

/** A monthly price of 10.00 and a yearly one of 100.00. */
export async function catalogue({ stripe }: TestSandbox) {
  const product = await stripe.products.create({ name: 'Team' });
  const shared = { product: product.id, currency: 'usd' };
  const monthly = await stripe.prices.create({ ...shared, unit_amount: 1_000, recurring: { interval: 'month' } });
  const double = await stripe.prices.create({ ...shared, unit_amount: 2_000, recurring: { interval: 'month' } });
  const yearly = await stripe.prices.create({ ...shared, unit_amount: 10_000, recurring: { interval: 'year' } });
  return { product: product.id, monthly: monthly.id, double: double.id, yearly: yearly.id };
}

/** A customer on an own test clock that stands at `now`. */
export async function customerOnClock({ stripe }: TestSandbox, now: number, card?: string) {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: now });
  const paying = card === undefined ? {} : { payment_method: card, invoice_settings: { default_payment_method: card } };
  const customer = await stripe.customers.create({ email: 'owner@example.test', test_clock: clock.id, ...paying });
  return { clock: clock.id, customer: customer.id };
}
