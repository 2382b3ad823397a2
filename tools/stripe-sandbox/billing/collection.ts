import { invalid, StripeError } from '../core/errors';
import { assignGiven } from '../core/json';
import type { World } from '../core/world';
import { resolveMethod } from '../resources/payment-methods';
import type { Invoice, PaymentIntent, PaymentMethod } from '../wire';
import { intentOf, invoiceOfIntent, paymentOf } from './invoice-payments';
import { customerOf, finalize, markPaid, subscriptionOf } from './invoices';
import { authenticated, cancelIntent, confirm, settle, type PaymentResult } from './payment-intents';

const daySeconds = 86_400;
export const draftSeconds = 3_600;
/** Days after the first failure. Stripe's own are chosen by a model: these let tests know them. */
export const retryDays = [1, 2, 4, 6, 8, 10, 12, 14];

/** Declines that Stripe does not retry without another payment method. */
const hardDeclines = new Set([
  ...['incorrect_number', 'lost_card', 'pickup_card', 'stolen_card', 'revocation_of_authorization'],
  ...['revocation_of_all_authorizations', 'authentication_required', 'highest_risk_level', 'transaction_not_allowed'],
]);

/** The subscription's payment method comes before the customer's. */
export function methodFor(world: World, invoice: Invoice): PaymentMethod | undefined {
  const customer = customerOf(world, invoice);
  const ids = [
    subscriptionOf(world, invoice)?.default_payment_method,
    customer.invoice_settings.default_payment_method,
  ];
  return ids.map((id) => world.tables.paymentMethods.get(id ?? '')).find((method) => method?.customer === customer.id);
}

export interface CollectOptions {
  readonly method?: PaymentMethod | undefined;
  readonly offSession: boolean;
  /** Whether failed attempts are repeated. A subscription's first invoice is not retried. */
  readonly retries: boolean;
}

/** Tries to collect an open invoice, once. */
export function collect(world: World, invoice: Invoice, options: CollectOptions): PaymentResult {
  const intent = intentOf(world, invoice);
  if (invoice.status !== 'open' || intent === undefined) return invoice.status === 'paid' ? 'succeeded' : 'failed';
  const method = options.method ?? methodFor(world, invoice);
  invoice.attempted = true;
  invoice.attempt_count += 1;
  const result = method === undefined ? 'failed' : confirm(world, intent, method, options.offSession);
  return conclude(world, invoice, intent, result, options.retries);
}

function conclude(
  world: World,
  invoice: Invoice,
  intent: PaymentIntent,
  result: PaymentResult,
  retries: boolean,
): PaymentResult {
  if (result === 'succeeded') {
    const payment = paymentOf(world, invoice);
    const paid_at = world.now(invoice.customer);
    if (payment !== undefined) {
      assignGiven(payment, {
        status: 'paid',
        amount_paid: intent.amount,
        status_transitions: { canceled_at: null, paid_at },
      });
      world.emit('invoice_payment.paid', payment);
    }
    markPaid(world, invoice, intent.amount);
    return result;
  }
  if (result === 'processing') return result;
  if (retries) planRetry(world, invoice);
  world.emit('invoice.payment_failed', invoice);
  if (result === 'requires_action') world.emit('invoice.payment_action_required', invoice);
  world.hooks.invoiceFailed(world, invoice);
  if (retries && invoice.next_payment_attempt === null) world.hooks.retriesExhausted(world, invoice);
  return result;
}

function planRetry(world: World, invoice: Invoice): void {
  const { agenda } = world.clockOf(invoice.customer);
  const now = world.now(invoice.customer);
  const first = (
    world.internal.firstFailures.get(invoice.id) ?? world.internal.firstFailures.add({ id: invoice.id, at: now })
  ).at;
  const next = retryDays.map((day) => first + day * daySeconds).find((time) => time > now);
  invoice.next_payment_attempt = next ?? null;
  if (next !== undefined) agenda.set('invoice.advance', invoice.id, next);
}

/** What an invoice does by itself: a draft becomes final and is collected, an open one is retried. */
export function advanceInvoice(world: World, id: string): void {
  const invoice = world.tables.invoices.get(id);
  if (invoice === undefined || invoice.auto_advance !== true) return;
  if (invoice.status === 'draft') {
    const isOpen = finalize(world, invoice) && invoice.amount_remaining > 0;
    if (isOpen) collect(world, invoice, { offSession: true, retries: true });
    return;
  }
  if (invoice.status !== 'open') return;
  const decline = intentOf(world, invoice)?.last_payment_error?.decline_code;
  const isSame = intentOf(world, invoice)?.payment_method === methodFor(world, invoice)?.id;
  if (decline !== undefined && hardDeclines.has(decline) && isSame) return skipRetry(world, invoice);
  collect(world, invoice, { offSession: true, retries: true });
}

/** Without another payment method, the bank would only decline again. */
function skipRetry(world: World, invoice: Invoice): void {
  planRetry(world, invoice);
  if (invoice.next_payment_attempt === null) world.hooks.retriesExhausted(world, invoice);
}

/** For `POST /v1/invoices/:id/pay`. */
export function payInvoice(
  world: World,
  invoice: Invoice,
  options: {
    readonly method?: string | undefined;
    readonly outOfBand?: boolean | undefined;
    readonly offSession?: boolean | undefined;
  },
): Invoice {
  if (invoice.status === 'draft') finalize(world, invoice);
  if (invoice.status === 'paid') throw invalid('Invoice is already paid');
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw invalid('Only open or uncollectible invoices can be paid.', { code: 'invoice_not_editable' });
  }
  if (options.outOfBand === true) return payOutOfBand(world, invoice);
  const method = options.method === undefined ? methodFor(world, invoice) : resolveMethod(world, options.method);
  if (method === undefined) {
    throw invalid('There is no `default_payment_method` set on this Customer or Invoice. Please set one.', {
      code: 'missing',
    });
  }
  invoice.status = 'open';
  const retries = world.internal.firstFailures.get(invoice.id) !== undefined;
  const result = collect(world, invoice, { method, offSession: options.offSession ?? true, retries });
  if (result === 'failed' || result === 'requires_action') throw paymentError(world, invoice, result);
  return invoice;
}

function payOutOfBand(world: World, invoice: Invoice): Invoice {
  const [intent, due] = [intentOf(world, invoice), invoice.amount_remaining];
  if (intent !== undefined) cancelIntent(world, intent);
  markPaid(world, invoice, due, true);
  return invoice;
}

/** The 402 for a payment that failed, with the payment intent as it is now. */
export function paymentError(world: World, invoice: Invoice, result: PaymentResult): StripeError {
  const payment_intent = intentOf(world, invoice);
  const error = payment_intent?.last_payment_error;
  if (result === 'requires_action') {
    const message =
      'Payment for this subscription requires additional user action before it can be completed successfully.';
    const code = 'invoice_payment_intent_requires_action';
    return new StripeError(402, { type: 'card_error', code, message, payment_intent });
  }
  return new StripeError(402, {
    ...{
      type: 'card_error',
      code: error?.code ?? 'card_declined',
      message: error?.message ?? 'Your card was declined.',
    },
    ...(error?.decline_code !== undefined && { decline_code: error.decline_code }),
    ...(error?.charge !== undefined && { charge: error.charge }),
    payment_intent,
  });
}

/** The customer came back from the bank's page. */
export function finishAuthentication(world: World, intent: PaymentIntent, agrees: boolean): void {
  if (intent.status !== 'requires_action') return;
  concludeIntent(world, intent, authenticated(world, intent, agrees));
}

/** The bank settled a debit, or did not. By default as the test number says. */
export function settlePayment(world: World, intent: PaymentIntent, succeeds?: boolean): void {
  const result = settle(world, intent, succeeds);
  if (result !== 'processing') concludeIntent(world, intent, result);
}

function concludeIntent(world: World, intent: PaymentIntent, result: PaymentResult): void {
  const invoice = invoiceOfIntent(world, intent);
  if (invoice === undefined || invoice.status !== 'open') return;
  const isFirst = invoice.billing_reason === 'subscription_create';
  const isPending = world.internal.pendingChanges.get(subscriptionOf(world, invoice)?.id ?? '')?.invoice === invoice.id;
  conclude(world, invoice, intent, result, !isFirst && !isPending);
}
