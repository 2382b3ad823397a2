import { invalid } from '../core/errors';
import type { World } from '../core/world';
import { resolveMethod } from '../resources/payment-methods';
import type { Customer, Invoice, PaymentMethod, Subscription } from '../wire';
import { isOngoing, planAhead } from './agenda-of';
import { collect, paymentError } from './collection';
import type { PaymentResult } from './payment-intents';
import { redeem, type DiscountParam } from './discounts';
import { finalize, stopCollecting, voidInvoice } from './invoices';
import { planPendingItems } from './lifecycle';
import { draftInvoice } from './subscription-invoices';
import { draftSubscription, type NewItem, type SubscriptionDraft } from './subscription-draft';
import { keepMethod } from './subscription-hooks';
import { taxRuleOf } from './tax';

export const openSeconds = 23 * 3_600;
const daySeconds = 86_400;

export type PaymentBehavior =
  | 'allow_incomplete'
  | 'default_incomplete'
  | 'error_if_incomplete'
  | 'pending_if_incomplete';

export interface NewSubscription {
  readonly customer: Customer;
  readonly items: readonly NewItem[];
  readonly trialEnd?: number | 'now' | undefined;
  readonly trialDays?: number | undefined;
  readonly anchor?: number | undefined;
  readonly prorates: boolean;
  readonly mode: 'classic' | 'flexible';
  readonly discounts: readonly DiscountParam[];
  readonly session: string | null;
  readonly behavior: PaymentBehavior;
  readonly offSession: boolean;
  /** What only copies parameters. */
  readonly set: (subscription: Subscription) => void;
}

export function trialEndOf(
  world: World,
  { trialEnd, trialDays, customer }: Pick<NewSubscription, 'trialEnd' | 'trialDays' | 'customer'>,
) {
  const now = world.now(customer.id);
  if (trialEnd === 'now') return null;
  if (trialEnd !== undefined) {
    if (trialEnd <= now)
      throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
    return trialEnd;
  }
  return trialDays === undefined || trialDays === 0 ? null : now + trialDays * daySeconds;
}

/** A customer's money is in one currency as long as anything in it goes on. */
export function checkCurrency(world: World, customer: Customer, currency: string): void {
  const other = world.tables.subscriptions
    .of(customer.id)
    .find((each) => isOngoing(each) && each.currency !== currency);
  if (other === undefined) return;
  throw invalid(
    `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, ` +
      `discount, quote, or invoice item with currency ${other.currency}.`,
    { param: 'items' },
  );
}

export function createSubscription(world: World, wanted: NewSubscription): Subscription {
  const { customer, anchor, prorates, mode } = wanted;
  const trialEnd = trialEndOf(world, wanted);
  const currency = world.tables.prices.named(wanted.items[0]?.price ?? '', 'items[0][price]').currency;
  checkCurrency(world, customer, currency);
  const discounts = redeem(world, wanted.discounts, {
    customer,
    subscription: null,
    currency,
    session: wanted.session,
  });
  const draft = draftSubscription(world, {
    customer,
    items: wanted.items,
    trialEnd,
    anchor,
    prorates,
    mode,
    discounts,
  });
  const { subscription } = draft;
  wanted.set(subscription);
  if (subscription.automatic_tax.enabled && taxRuleOf(world, customer) === undefined && wanted.session === null) {
    const message =
      "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.";
    throw invalid(message, { code: 'customer_tax_location_invalid', param: 'automatic_tax[enabled]' });
  }
  checkMethod(wanted, draft);
  return begin(world, wanted, draft);
}

/** Without a way to pay, Stripe makes no subscription unless the request says so. */
function checkMethod({ behavior, customer }: NewSubscription, { subscription, lines }: SubscriptionDraft): void {
  const isFree = lines.every(({ amount }) => amount === 0);
  const method = subscription.default_payment_method ?? customer.invoice_settings.default_payment_method;
  if (method !== null || behavior === 'default_incomplete' || isFree) return;
  const message =
    'This customer has no attached payment source or default payment method. Please consider adding a default payment method.';
  throw invalid(message, { code: 'resource_missing' });
}

function begin(world: World, wanted: NewSubscription, draft: SubscriptionDraft): Subscription {
  const { subscription, ledgers, lines } = draft;
  for (const id of subscription.discounts) {
    const discount = world.tables.discounts.get(id);
    if (discount !== undefined) discount.subscription = subscription.id;
  }
  world.tables.subscriptions.add(subscription);
  for (const ledger of ledgers) world.internal.ledgers.add(ledger);
  const now = subscription.created;
  const invoice = draftInvoice(world, subscription, {
    reason: 'subscription_create',
    lines,
    period: { start: now, end: now },
  });
  subscription.latest_invoice = invoice.id;
  planPendingItems(subscription, now);
  payFirst(world, wanted, subscription, invoice);
  planAhead(world, subscription);
  return subscription;
}

function payFirst(
  world: World,
  { behavior, offSession }: NewSubscription,
  subscription: Subscription,
  invoice: Invoice,
): void {
  const isStrict = behavior === 'error_if_incomplete';
  // Its creation is announced before what its first invoice changes, unless there may be none.
  if (!isStrict) world.emit('customer.subscription.created', subscription);
  finalize(world, invoice);
  const isOwed = invoice.status === 'open' && subscription.status !== 'trialing';
  if (isOwed && behavior !== 'default_incomplete') {
    const result = collect(world, invoice, { offSession, retries: false });
    if (result === 'processing') activate(world, subscription, invoice);
    else if (result !== 'succeeded' && isStrict) throw undo(world, subscription, invoice, result);
  }
  if (isStrict) world.emit('customer.subscription.created', subscription);
  if (subscription.status === 'incomplete') expireLater(world, invoice);
}

/** A debit that takes days is trusted until it fails. */
function activate(world: World, subscription: Subscription, invoice: Invoice): void {
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'active';
    keepMethod(world, subscription, invoice);
  });
}

function undo(world: World, subscription: Subscription, invoice: Invoice, result: PaymentResult) {
  const error = paymentError(world, invoice, result);
  voidInvoice(world, invoice);
  world.tables.subscriptions.delete(subscription.id);
  return error;
}

function expireLater(world: World, invoice: Invoice): void {
  if (invoice.status === 'draft') return stopCollecting(world, invoice);
  if (invoice.status !== 'open') return;
  const now = world.now(invoice.customer);
  invoice.auto_advance = false;
  world.clockOf(invoice.customer).agenda.set('invoice.expire', invoice.id, now + openSeconds);
}

/** The payment method that a parameter names. It must be the customer's. */
export function ownMethod(world: World, customer: string, id: string): PaymentMethod {
  const method = resolveMethod(world, id, 'default_payment_method');
  if (method.customer === customer) return method;
  const message = `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`;
  throw invalid(message, { code: 'resource_missing', param: 'default_payment_method' });
}
