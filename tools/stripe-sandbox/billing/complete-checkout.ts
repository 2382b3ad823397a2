import { invalid, StripeError } from '../core/errors';
import { copyOf } from '../core/json';
import type { CheckoutData } from '../core/tables';
import type { World } from '../core/world';
import { addressOf } from '../http/params';
import { detailsOf } from '../resources/checkout-sessions';
import { attach, cardError, isTestNumber, newPaymentMethod } from '../resources/payment-methods';
import { findCode } from '../resources/promotion-codes';
import { testMethods } from '../resources/test-cards';
import type { CheckoutSession, Customer, Invoice, PaymentMethod, Subscription } from '../wire';
import { createSubscription } from './create-subscription';
import { customerOf } from './invoices';

/** What the customer types into the page. */
export interface CheckoutForm {
  /** A test number, an IBAN, or a name such as `pm_card_visa`. */
  readonly card?: string | undefined;
  /** Whether the customer agrees when the bank asks. */
  readonly agrees?: boolean | undefined;
  readonly country?: string | undefined;
  readonly promotionCode?: string | undefined;
}

/** The customer submits the page. @throws the error that the page shows; the session stays open then */
export function completeCheckout(world: World, session: CheckoutSession, form: CheckoutForm): CheckoutSession {
  if (session.status !== 'open') throw invalid('This Checkout Session is no longer open.');
  const customer = customerOf(world, session);
  const { data } = world.internal.checkoutLines.find(session.id);
  setCountry(world, session, customer, data, form.country);
  const discounts = discountsOf(world, session, data, form.promotionCode);
  const method = methodFrom(world, session, customer, data, form);
  const subscription = subscribe(world, session, customer, { data, discounts, method });
  finish(world, session, customer, subscription);
  return session;
}

function setCountry(
  world: World,
  session: CheckoutSession,
  customer: Customer,
  data: CheckoutData,
  country: string | undefined,
): void {
  if (country !== undefined && data.updatesAddress) {
    world.change(customer, 'customer.updated', () => (customer.address = addressOf({ ...given(customer), country })));
  }
  const isMissing = session.automatic_tax.enabled && (customer.address ?? null) === null;
  if (isMissing) throw invalid('Your address is incomplete. Enter your country.');
}

function given({ address }: Customer): Record<string, string> {
  const entries = Object.entries(address ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return Object.fromEntries(entries);
}

function discountsOf(world: World, session: CheckoutSession, data: CheckoutData, code: string | undefined) {
  if (code === undefined) return data.discounts;
  const found = session.allow_promotion_codes === true ? findCode(world, code) : undefined;
  if (found === undefined) throw invalid('This code is invalid.', { param: 'promotion_code' });
  return [{ promotion_code: found.id }];
}

function methodFrom(
  world: World,
  session: CheckoutSession,
  customer: Customer,
  data: CheckoutData,
  { card, agrees = true }: CheckoutForm,
): PaymentMethod | undefined {
  const hasTrial = data.trialEnd !== undefined || (data.trialDays ?? 0) > 0;
  if (card === undefined) {
    if (hasTrial && session.payment_method_collection === 'if_required') return undefined;
    throw invalid('Your card number is incomplete.');
  }
  const number = (testMethods[card] ?? card).replaceAll(/\s/g, '');
  if (!isTestNumber(number)) throw invalid("Your card was declined. The sandbox knows Stripe's test numbers only.");
  const method = newPaymentMethod(world, number.startsWith('AT') ? 'sepa_debit' : 'card', number);
  attach(world, method.id, customer.id);
  const instrument = world.internal.instruments.find(method.id);
  if (!agrees) {
    const message =
      'We are unable to authenticate your payment method. Please choose a different payment method and try again.';
    throw cardError('payment_intent_authentication_failure', undefined, message);
  }
  Object.assign(instrument, { isPresent: true, isAuthenticated: true });
  return method;
}

interface Choice {
  readonly data: CheckoutData;
  readonly discounts: CheckoutData['discounts'];
  readonly method: PaymentMethod | undefined;
}

function subscribe(world: World, session: CheckoutSession, customer: Customer, choice: Choice): Subscription {
  const { data, discounts, method } = choice;
  const set = (subscription: Subscription) => {
    Object.assign(subscription, { metadata: copyOf(data.metadata), description: data.description });
    subscription.default_payment_method = method?.id ?? null;
    const { enabled } = session.automatic_tax;
    subscription.automatic_tax = { disabled_reason: null, enabled, liability: enabled ? { type: 'self' } : null };
    const { missingPaymentMethod: missing_payment_method } = data;
    subscription.trial_settings = { end_behavior: { billing_cycle_anchor: null, missing_payment_method } };
  };
  try {
    return createSubscription(world, {
      ...{ customer, items: data.items, trialEnd: data.trialEnd, trialDays: data.trialDays, prorates: true },
      ...{ mode: 'flexible', discounts, session: session.id, behavior: 'error_if_incomplete', offSession: false, set },
    });
  } finally {
    if (method !== undefined) world.internal.instruments.find(method.id).isPresent = false;
  }
}

function finish(world: World, session: CheckoutSession, customer: Customer, subscription: Subscription): void {
  const invoice = world.tables.invoices.find(subscription.latest_invoice ?? '');
  world.clockOf(customer.id).agenda.clear('checkout.expire', session.id);
  const taxes = (invoice.total_taxes ?? []).reduce((sum, { amount }) => sum + amount, 0);
  const off = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
  Object.assign(session, {
    ...{ status: 'complete', url: null, subscription: subscription.id, invoice: invoice.id },
    ...{ amount_subtotal: invoice.subtotal, amount_total: invoice.total, customer_details: detailsOf(customer) },
    total_details: { amount_discount: off, amount_shipping: 0, amount_tax: taxes },
    payment_status: paymentStatusOf(invoice),
  });
  world.emit('checkout.session.completed', session);
}

function paymentStatusOf({ status, total }: Invoice): NonNullable<CheckoutSession['payment_status']> {
  if (total === 0) return 'no_payment_required';
  return status === 'paid' ? 'paid' : 'unpaid';
}

/** A delayed payment of a completed session was settled, or was not. */
export function noteSettlement(world: World, invoice: Invoice, isPaid: boolean): void {
  const session = world.tables.checkoutSessions
    .of(invoice.customer ?? '')
    .find((each) => each.invoice === invoice.id && each.status === 'complete' && each.payment_status === 'unpaid');
  if (session === undefined) return;
  if (isPaid) session.payment_status = 'paid';
  world.emit(isPaid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed', session);
}

/** What the page says about an error. */
export function messageOf(error: unknown): string {
  if (error instanceof StripeError) return error.message;
  throw error;
}
