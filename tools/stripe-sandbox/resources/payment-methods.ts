import { createHash } from 'node:crypto';
import { z } from 'zod';
import { invalid, noSuch, StripeError } from '../core/errors';
import { newId } from '../core/ids';
import { assignGiven, copyOf, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { address, addressOf, emptyable, metadata, natural, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { PaymentMethod } from '../wire';
import { testCard, testCards, testMethods } from './test-cards';

const billingDetails = z.strictObject({
  address: emptyable(address),
  email: emptyable(text),
  name: emptyable(text),
  phone: emptyable(text),
});

type BillingDetails = z.output<typeof billingDetails>;

const creation = {
  allow_redisplay: z.enum(['always', 'limited', 'unspecified']).optional(),
  billing_details: billingDetails.optional(),
  card: z.strictObject({ number: text, exp_month: natural, exp_year: natural, cvc: text.optional() }).optional(),
  metadata,
  sepa_debit: z.strictObject({ iban: text }).optional(),
  type: z.enum(['card', 'sepa_debit']),
};

/** The same for the same number on each run, as Stripe's is for the same account. */
function fingerprintOf(number: string): string {
  return createHash('sha256').update(`sandbox ${number}`).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 16);
}

function brandOf(number: string): string {
  if (number.startsWith('5')) return 'mastercard';
  return number.startsWith('3') ? 'amex' : 'visa';
}

export function cardOf(number: string, month = 12, year = 2034): NonNullable<PaymentMethod['card']> {
  const brand = brandOf(number);
  return {
    ...{ brand, country: 'US', display_brand: brand, exp_month: month, exp_year: year },
    ...{ fingerprint: fingerprintOf(number), funding: 'credit', generated_from: null, last4: number.slice(-4) },
    ...{ networks: { available: [brand], preferred: null }, regulated_status: 'unregulated', wallet: null },
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    three_d_secure_usage: { supported: true },
  };
}

function sepaOf(iban: string): NonNullable<PaymentMethod['sepa_debit']> {
  return {
    ...{ bank_code: iban.slice(4, 9), branch_code: null, country: iban.slice(0, 2) },
    ...{ fingerprint: fingerprintOf(iban), generated_from: null, last4: iban.slice(-4) },
  };
}

const noDetails = { address: null, email: null, name: null, phone: null, tax_id: null };

export function newPaymentMethod(world: World, type: 'card' | 'sepa_debit', number: string): PaymentMethod {
  const id = newId('pm');
  world.internal.instruments.add({ id, number, isAuthenticated: false, isPresent: false });
  return world.tables.paymentMethods.add({
    ...{ id, object: 'payment_method', allow_redisplay: 'unspecified', billing_details: { ...noDetails } },
    ...{ created: world.realClock.now(), customer: null, customer_account: null, livemode: false, metadata: {}, type },
    ...(type === 'card' ? { card: cardOf(number) } : { sepa_debit: sepaOf(number) }),
  });
}

export function isTestNumber(number: string): boolean {
  return number in testCards;
}

function create(world: World, given: z.output<z.ZodObject<typeof creation>>): PaymentMethod {
  const number = (given.type === 'card' ? given.card?.number : given.sepa_debit?.iban)?.replaceAll(/\s/g, '');
  if (number === undefined)
    throw invalid(`Missing required param: ${given.type}.`, { code: 'parameter_missing', param: given.type });
  if (!isTestNumber(number))
    throw invalid(`The sandbox knows Stripe's test numbers only.`, { code: 'incorrect_number' });
  const method = newPaymentMethod(world, given.type, number);
  if (given.card !== undefined && given.type === 'card') {
    method.card = cardOf(number, given.card.exp_month, given.card.exp_year);
  }
  updateDetails(method, given.billing_details);
  assignGiven(method, { allow_redisplay: given.allow_redisplay });
  if (given.metadata !== undefined) method.metadata = mergeMetadata({}, given.metadata);
  return method;
}

export function updateDetails(method: PaymentMethod, given: BillingDetails | undefined): void {
  if (given === undefined) return;
  const { address: place, email, name, phone } = given;
  const own = place === undefined || place === null ? place : addressOf(place);
  assignGiven(method.billing_details, { address: own, email, name, phone });
}

/** A test card's name stands for a new payment method each time. */
export function resolveMethod(world: World, id: string, param = 'payment_method'): PaymentMethod {
  const number = testMethods[id];
  if (number !== undefined) return newPaymentMethod(world, 'card', number);
  return world.tables.paymentMethods.named(id, param);
}

export function attach(world: World, id: string, customer: string): PaymentMethod {
  const method = resolveMethod(world, id);
  if (method.customer !== null && method.customer !== customer) {
    throw invalid('The payment method you provided has already been attached to a customer.');
  }
  if (method.customer === customer) return method;
  const card = testCard(world.internal.instruments.find(method.id).number);
  if (card.outcome === 'decline' && card.attaches !== true) throw cardError(card.code, card.declineCode, card.message);
  method.customer = customer;
  world.emit('payment_method.attached', method);
  return method;
}

export function cardError(
  code = 'card_declined',
  declineCode = 'generic_decline',
  message = 'Your card was declined.',
) {
  return new StripeError(402, { type: 'card_error', code, decline_code: declineCode, message, param: '' });
}

export function detach(world: World, id: string): PaymentMethod {
  const method = world.tables.paymentMethods.find(id);
  if (method.customer === null) throw invalid('The payment method you provided is not attached to a customer.');
  const customer = world.tables.customers.get(method.customer);
  const before = copyOf(method);
  method.customer = null;
  if (customer?.invoice_settings.default_payment_method === id) {
    world.change(customer, 'customer.updated', () => {
      customer.invoice_settings = { ...customer.invoice_settings, default_payment_method: null };
    });
  }
  world.emit('payment_method.detached', method, { customer: before.customer });
  return method;
}

/** The payment methods of a customer, newest first. */
export function methodsOf(world: World, customer: string): PaymentMethod[] {
  return world.tables.paymentMethods.newestFirst().filter((method) => method.customer === customer);
}

const kinds = z.enum(['card', 'sepa_debit']).optional();

export const paymentMethodRoutes: readonly Route[] = [
  route('POST', '/v1/payment_methods', creation, ({ world, params }) => create(world, params)),
  route('GET', '/v1/payment_methods/:id', {}, ({ world, id }) => world.tables.paymentMethods.find(id)),
  route(
    'POST',
    '/v1/payment_methods/:id',
    { billing_details: billingDetails.optional(), metadata },
    ({ world, params, id }) => {
      const method = world.tables.paymentMethods.find(id);
      return world.change(method, 'payment_method.updated', () => {
        updateDetails(method, params.billing_details);
        if (params.metadata !== undefined) method.metadata = mergeMetadata(method.metadata, params.metadata);
      });
    },
  ),
  route('POST', '/v1/payment_methods/:id/attach', { customer: text }, ({ world, params, id }) => {
    world.tables.customers.named(params.customer, 'customer');
    if (testMethods[id] === undefined) world.tables.paymentMethods.find(id);
    return attach(world, id, params.customer);
  }),
  route('POST', '/v1/payment_methods/:id/detach', {}, ({ world, id }) => detach(world, id)),
  listRoute('/v1/payment_methods', { customer: text, type: kinds }, ({ world, params: { customer, type } }) => {
    world.tables.customers.named(customer, 'customer');
    return methodsOf(world, customer).filter((method) => type === undefined || method.type === type);
  }),
  listRoute('/v1/customers/:id/payment_methods', { type: kinds }, ({ world, params: { type }, id }) => {
    if (world.tables.customers.get(id) === undefined) throw noSuch('customer', id);
    return methodsOf(world, id).filter((method) => type === undefined || method.type === type);
  }),
];
