import { invalid } from '../core/errors';
import { newId, randomText } from '../core/ids';
import { mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { checkCurrency, trialEndOf } from '../billing/create-subscription';
import { amountOf } from '../billing/invoice-lines';
import { recurringPrice } from '../billing/items';
import { isInRange, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { CheckoutSession, Customer, Price } from '../wire';
import { creation, type CheckoutParams } from './checkout-params';
import { z } from 'zod';

const [leastSeconds, mostSeconds] = [1_800, 86_400];

const blank = {
  object: 'checkout.session',
  ...{ adaptive_pricing: { enabled: false }, after_expiration: null, allowed_payment_method_types: null },
  ...{ billing_address_collection: null, client_secret: null, collected_information: null, consent: null },
  ...{ consent_collection: null, currency_conversion: null, custom_fields: [], customer_account: null },
  ...{ customer_creation: null, customer_email: null, discounts: [], integration_identifier: null, invoice: null },
  ...{ invoice_creation: null, livemode: false, locale: null, managed_payments: null, mode: 'subscription' },
  ...{ origin_context: null, payment_intent: null, payment_link: null, payment_method_configuration_details: null },
  ...{ payment_method_types: ['card', 'sepa_debit'], permissions: null, recovered_from: null, setup_intent: null },
  ...{ payment_method_options: null, saved_payment_method_options: null, shipping_address_collection: null },
  ...{ shipping_cost: null, shipping_options: [], status: 'open', submit_type: null, subscription: null },
  ...{ payment_status: 'unpaid', ui_mode: 'hosted_page', wallet_options: null },
  custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
} satisfies Partial<CheckoutSession>;

interface Sold {
  readonly price: Price;
  readonly quantity: number;
}

function lineOf(world: World, { price, quantity }: Sold) {
  const amount = amountOf(price, quantity);
  return {
    ...{ id: newId('li'), object: 'item' as const, adjustable_quantity: null, amount_discount: 0, amount_tax: 0 },
    ...{ amount_subtotal: amount, amount_total: amount, currency: price.currency, metadata: null, price, quantity },
    description: world.tables.products.get(price.product)?.name ?? null,
  };
}

function expiry(now: number, wanted: number | undefined): number {
  const expiresAt = wanted ?? now + mostSeconds;
  if (expiresAt >= now + leastSeconds && expiresAt <= now + mostSeconds) return expiresAt;
  const message =
    'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.';
  throw invalid(message, { param: 'expires_at' });
}

function check(params: CheckoutParams): void {
  if (params.allow_promotion_codes !== undefined && (params.discounts ?? []).length > 0) {
    throw invalid('You may only specify one of these parameters: allow_promotion_codes, discounts.', {
      param: 'discounts',
    });
  }
  const isTaxed = params.automatic_tax?.enabled === true || params.tax_id_collection?.enabled === true;
  const update = params.customer_update;
  if (isTaxed && (update?.address !== 'auto' || update.name !== 'auto')) {
    const message =
      "Automatic tax and tax ids need `customer_update[address]` and `customer_update[name]` set to 'auto'.";
    throw invalid(message, { code: 'customer_tax_location_invalid', param: 'customer_update' });
  }
}

function sold(world: World, customer: Customer, items: CheckoutParams['line_items']): Sold[] {
  const all = items.map(({ price, quantity = 1 }, index) => ({
    price: recurringPrice(world, price, `line_items[${index}][price]`),
    quantity,
  }));
  for (const { price } of all) checkCurrency(world, customer, price.currency);
  return all;
}

function create(world: World, params: CheckoutParams): CheckoutSession {
  check(params);
  const customer = world.tables.customers.named(params.customer, 'customer');
  const [now, id] = [world.now(customer.id), `cs_test_${randomText(40)}`];
  const items = sold(world, customer, params.line_items);
  const data = params.subscription_data;
  trialEndOf(world, { customer, trialEnd: data?.trial_end, trialDays: data?.trial_period_days });
  const lines = items.map((item) => lineOf(world, item));
  const amount = lines.reduce((sum, line) => sum + line.amount_total, 0);
  const session: CheckoutSession = {
    ...{ ...blank, id, allow_promotion_codes: params.allow_promotion_codes ?? null, amount_subtotal: amount },
    ...{ amount_total: amount, cancel_url: params.cancel_url ?? null, created: now, customer: customer.id },
    ...{ client_reference_id: params.client_reference_id ?? null, currency: items[0]?.price.currency ?? null },
    ...{ expires_at: expiry(now, params.expires_at), metadata: mergeMetadata({}, params.metadata) },
    ...{ payment_method_collection: params.payment_method_collection ?? 'always', success_url: params.success_url },
    ...{ tax_id_collection: { enabled: params.tax_id_collection?.enabled ?? false, required: 'never' } },
    ...{
      total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
      url: `${world.origin}/checkout/${id}`,
    },
    automatic_tax: { enabled: params.automatic_tax?.enabled ?? false, liability: null, provider: null, status: null },
    customer_details: detailsOf(customer),
  };
  world.tables.checkoutSessions.add(session);
  world.internal.checkoutLines.add({ id, lines, data: dataOf(params) });
  world.clockOf(customer.id).agenda.set('checkout.expire', id, session.expires_at);
  return session;
}

function dataOf({ line_items: items, subscription_data: data, customer_update: update, discounts }: CheckoutParams) {
  return {
    items: items.map(({ price, quantity = 1 }) => ({ price, quantity })),
    ...{ metadata: mergeMetadata({}, data?.metadata), description: data?.description ?? null },
    ...{ trialEnd: data?.trial_end, trialDays: data?.trial_period_days, discounts: discounts ?? [] },
    missingPaymentMethod: data?.trial_settings?.end_behavior.missing_payment_method ?? ('create_invoice' as const),
    updatesAddress: update?.address === 'auto',
  };
}

export function detailsOf({ address = null, email, name = null, phone = null, tax_exempt }: Customer) {
  return {
    ...{ address, business_name: null, email, individual_name: null, name, phone },
    ...{ tax_exempt: tax_exempt ?? null, tax_ids: null },
  };
}

export function expireSession(world: World, session: CheckoutSession): CheckoutSession {
  if (session.status !== 'open') {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status ?? 'none'}.`;
    throw invalid(message);
  }
  session.status = 'expired';
  session.url = null;
  world.clockOf(session.customer).agenda.clear('checkout.expire', session.id);
  world.emit('checkout.session.expired', session);
  return session;
}

/** When its time is over. */
export function expireWhenDue(world: World, id: string): void {
  const session = world.tables.checkoutSessions.get(id);
  if (session?.status === 'open') expireSession(world, session);
}

const path = '/v1/checkout/sessions';
const filters = {
  created: range,
  customer: text.optional(),
  status: z.enum(['complete', 'expired', 'open']).optional(),
  subscription: text.optional(),
};

export const checkoutRoutes: readonly Route[] = [
  route('POST', path, creation, ({ world, params }) => create(world, params)),
  route('GET', `${path}/:id`, {}, ({ world, id }) => world.tables.checkoutSessions.find(id)),
  route('POST', `${path}/:id/expire`, {}, ({ world, id }) =>
    expireSession(world, world.tables.checkoutSessions.find(id)),
  ),
  listRoute(`${path}/:id/line_items`, {}, ({ world, id }) => {
    world.tables.checkoutSessions.find(id);
    return world.internal.checkoutLines.find(id).lines;
  }),
  listRoute(path, filters, ({ world, params: { created, customer, status, subscription } }) =>
    (customer === undefined ? world.tables.checkoutSessions.newestFirst() : world.tables.checkoutSessions.of(customer))
      .filter((session) => isInRange(session.created, created))
      .filter((session) => status === undefined || session.status === status)
      .filter((session) => subscription === undefined || session.subscription === subscription),
  ),
];
