import { z } from 'zod';
import { invalid } from '../core/errors';
import { newId, randomText } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { address, addressOf, emptyable, flag, isInRange, metadata, range, text, whole } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Customer } from '../wire';
import { adjustBalance } from './balance';
import { attach } from './payment-methods';
import { addTaxId, taxIdType } from './tax-ids';

const invoiceSettings = z.strictObject({
  default_payment_method: emptyable(text),
  footer: emptyable(text),
});

const details = {
  address: emptyable(address),
  balance: whole.optional(),
  business_name: emptyable(text),
  description: emptyable(text),
  email: emptyable(text),
  individual_name: emptyable(text),
  invoice_prefix: text.optional(),
  invoice_settings: invoiceSettings.optional(),
  metadata,
  name: emptyable(text),
  next_invoice_sequence: whole.optional(),
  phone: emptyable(text),
  preferred_locales: z.array(text).optional(),
  tax_exempt: emptyable(z.enum(['exempt', 'none', 'reverse'])),
};

const creation = {
  ...details,
  payment_method: text.optional(),
  tax_id_data: z.array(z.strictObject({ type: taxIdType, value: text })).optional(),
  test_clock: text.optional(),
};

type Details = z.output<z.ZodObject<typeof details>>;

const blank = {
  object: 'customer',
  ...{ address: null, balance: 0, currency: null, default_source: null, delinquent: false, description: null },
  ...{ discount: null, email: null, livemode: false, metadata: {}, name: null, next_invoice_sequence: 1, phone: null },
  ...{ shipping: null, tax_exempt: 'none', test_clock: null },
} satisfies Partial<Customer>;

const noInvoiceSettings = { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null };

export function newCustomer(world: World, testClock: string | null): Customer {
  const clock = world.clock(testClock);
  return {
    ...{ ...blank, id: newId('cus'), created: clock.now(), test_clock: testClock, preferred_locales: [] },
    ...{ invoice_prefix: randomText(8).toUpperCase(), invoice_settings: { ...noInvoiceSettings }, metadata: {} },
  };
}

function update(customer: Customer, given: Details): void {
  const { address: place, invoice_settings: settings, metadata: data, ...rest } = given;
  assignGiven(customer, {
    ...{ description: rest.description, email: rest.email, name: rest.name, phone: rest.phone },
    ...{ preferred_locales: rest.preferred_locales, tax_exempt: rest.tax_exempt === null ? 'none' : rest.tax_exempt },
    ...{ invoice_prefix: rest.invoice_prefix, next_invoice_sequence: rest.next_invoice_sequence },
    business_name: rest.business_name ?? undefined,
    individual_name: rest.individual_name ?? undefined,
    address: place === undefined || place === null ? place : addressOf(place),
  });
  if (data !== undefined) customer.metadata = mergeMetadata(customer.metadata, data);
  if (settings === undefined) return;
  customer.invoice_settings = { ...customer.invoice_settings };
  assignGiven(customer.invoice_settings, settings);
}

function checkDefault(world: World, customer: Customer | undefined, given: Details): void {
  const id = given.invoice_settings?.default_payment_method;
  if (id === undefined || id === null) return;
  const method = world.tables.paymentMethods.named(id, 'invoice_settings[default_payment_method]');
  if (customer === undefined || method.customer !== customer.id) throw notAttached(id);
}

function notAttached(id: string) {
  const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
  return invalid(message, { code: 'resource_missing', param: 'invoice_settings[default_payment_method]' });
}

function create(world: World, params: z.output<z.ZodObject<typeof creation>>): Customer {
  const { payment_method: method, tax_id_data: taxIds = [], test_clock: clock, ...given } = params;
  if (clock !== undefined) world.tables.testClocks.named(clock, 'test_clock');
  const customer = newCustomer(world, clock ?? null);
  world.tables.customers.add(customer);
  const wanted = given.invoice_settings?.default_payment_method ?? undefined;
  try {
    const attached = method === undefined ? undefined : attach(world, method, customer.id);
    // Test cards such as pm_card_visa become an own payment method when they are attached.
    const settings = { ...given.invoice_settings, default_payment_method: wanted === method ? attached?.id : wanted };
    const own = wanted === undefined ? given : { ...given, invoice_settings: settings };
    checkDefault(world, customer, own);
    update(customer, own);
  } catch (error) {
    world.tables.customers.delete(customer.id);
    throw error;
  }
  for (const { type, value } of taxIds) addTaxId(world, customer, type, value);
  world.emit('customer.created', customer);
  if (given.balance !== undefined && given.balance !== 0) adjustBalance(world, customer, given.balance, 'initial');
  return customer;
}

function erase(world: World, customer: Customer): object {
  const { id } = customer;
  for (const subscription of world.tables.subscriptions.of(id)) world.hooks.customerDeleted(world, subscription);
  world.tables.customers.delete(id);
  world.internal.tombstones.add({ id, object: 'customer' });
  world.emit('customer.deleted', customer);
  return { id, object: 'customer', deleted: true };
}

export const customerRoutes: readonly Route[] = [
  route('POST', '/v1/customers', creation, ({ world, params }) => create(world, params)),
  route('GET', '/v1/customers/:id', {}, ({ world, id }) => {
    const gone = world.internal.tombstones.get(id);
    return gone?.object === 'customer' ? { ...gone, deleted: true } : world.tables.customers.find(id);
  }),
  route('POST', '/v1/customers/:id', { ...details, validate: flag.optional() }, ({ world, params, id }) => {
    const customer = world.tables.customers.find(id);
    checkDefault(world, customer, params);
    world.change(customer, 'customer.updated', () => update(customer, params));
    const { balance } = params;
    if (balance !== undefined) adjustBalance(world, customer, balance - customer.balance, 'adjustment');
    return customer;
  }),
  route('DELETE', '/v1/customers/:id', {}, ({ world, id }) => erase(world, world.tables.customers.find(id))),
  listRoute(
    '/v1/customers',
    { email: text.optional(), created: range, test_clock: text.optional() },
    ({ world, params: { email, created, test_clock } }) =>
      world.tables.customers
        .newestFirst()
        .filter((customer) => isInRange(customer.created, created))
        .filter((customer) => email === undefined || customer.email === email)
        // Like Stripe, a plain list leaves out what is on a test clock.
        .filter((customer) => customer.test_clock === (test_clock ?? null)),
  ),
];
