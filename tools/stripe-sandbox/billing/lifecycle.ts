import type { World } from '../core/world';
import type { Invoice, Subscription, SubscriptionItem } from '../wire';
import { isLive, isOngoing, planAhead } from './agenda-of';
import { periodAt, stepFrom } from './calendar';
import { draftSeconds } from './collection';
import { finalize, stopCollecting, subscriptionOf, voidInvoice, markUncollectible, customerOf } from './invoices';
import { intervalOf, regularLine } from './items';
import { addPendingLines, draftInvoice, pendingLines, type SubscriptionInvoice } from './subscription-invoices';
import { creditDebits } from './proration';

function find(world: World, id: string): Subscription | undefined {
  const subscription = world.tables.subscriptions.get(id);
  return subscription !== undefined && isLive(subscription) ? subscription : undefined;
}

export function hasMethod(world: World, subscription: Subscription): boolean {
  const { invoice_settings: settings } = customerOf(world, subscription);
  return (subscription.default_payment_method ?? settings.default_payment_method) !== null;
}

/** At the end of a period: a new one begins, with its invoice. */
export function renew(world: World, id: string): void {
  const subscription = find(world, id);
  if (subscription === undefined) return;
  const now = world.now(subscription.customer);
  const { trial_settings: settings, trial_end: trialEnd } = subscription;
  const trialEnds = subscription.status === 'trialing' && trialEnd !== null && trialEnd <= now;
  const behavior = settings?.end_behavior.missing_payment_method ?? 'create_invoice';
  if (trialEnds && behavior !== 'create_invoice' && !hasMethod(world, subscription)) {
    if (behavior === 'cancel') return void cancelNow(world, subscription, {});
    return pause(world, subscription, 'trial_end_without_payment_method');
  }
  world.change(subscription, 'customer.subscription.updated', () => {
    if (trialEnds) subscription.status = 'active';
    subscription.latest_invoice = renewalInvoice(world, subscription, now).id;
  });
  planAhead(world, subscription);
}

function renewalInvoice(world: World, subscription: Subscription, now: number): Invoice {
  const due = subscription.items.data.filter((item) => item.current_period_end <= now);
  const lines = due.map((item) => renewItem(world, subscription, item, now));
  const [first] = due;
  const period = { start: first?.current_period_start ?? now, end: first?.current_period_end ?? now };
  const invoice = draftInvoice(world, subscription, { reason: 'subscription_cycle', lines, period });
  planCollection(world, subscription, invoice, now + draftSeconds);
  return invoice;
}

function renewItem(world: World, subscription: Subscription, item: SubscriptionItem, now: number) {
  const period = periodAt(subscription.billing_cycle_anchor, intervalOf(item.price), now);
  item.current_period_start = period.start;
  item.current_period_end = period.end;
  const line = regularLine(world, item, period);
  world.internal.ledgers.add({
    id: item.id,
    debits: [{ amount: line.amount, from: period.start, to: period.end, line: null }],
  });
  return line;
}

/** When a draft becomes final by itself, if it does. */
function planCollection(world: World, subscription: Subscription, invoice: Invoice, at: number): void {
  const behavior = subscription.pause_collection?.behavior;
  if (behavior === 'void' || behavior === 'mark_uncollectible') {
    if (!finalize(world, invoice) || invoice.status !== 'open') return;
    if (behavior === 'void') voidInvoice(world, invoice);
    else markUncollectible(world, invoice);
  } else if (behavior === 'keep_as_draft' || subscription.status === 'unpaid') {
    invoice.auto_advance = false;
  } else {
    invoice.automatically_finalizes_at = at;
    world.clockOf(invoice.customer).agenda.set('invoice.advance', invoice.id, at);
  }
}

export type PauseReason = 'trial_end_without_payment_method' | 'final_payment_failure';

export function pause(world: World, subscription: Subscription, type: PauseReason): void {
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'paused';
    const transitioned_at = world.now(subscription.customer);
    subscription.status_details = { paused: { subscription: { type }, transitioned_at, type: 'subscription' } };
  });
  world.emit('customer.subscription.paused', subscription);
  planAhead(world, subscription);
}

export interface CancelOptions {
  readonly reason?: 'cancellation_requested' | 'payment_disputed' | 'payment_failed';
  readonly comment?: string | null | undefined;
  readonly feedback?: string | null | undefined;
  readonly prorates?: boolean | undefined;
  readonly invoicesNow?: boolean | undefined;
}

/** Ends a subscription now. Its open invoices stay, but are no longer collected. */
export function cancelNow(world: World, subscription: Subscription, options: CancelOptions): Subscription {
  if (!isOngoing(subscription)) return subscription;
  const now = world.now(subscription.customer);
  if (options.prorates === true) creditRest(world, subscription, now);
  if (options.invoicesNow === true) invoiceRest(world, subscription, now);
  const wasIncomplete = subscription.status === 'incomplete';
  subscription.status = wasIncomplete ? 'incomplete_expired' : 'canceled';
  subscription.canceled_at ??= now;
  subscription.ended_at = now;
  subscription.pending_update = null;
  world.internal.pendingChanges.delete(subscription.id);
  const { comment = null, feedback = null, reason = 'cancellation_requested' } = options;
  const known = subscription.cancellation_details;
  subscription.cancellation_details = {
    ...{ comment: comment ?? known?.comment ?? null, feedback: feedback ?? known?.feedback ?? null },
    ...{ feedback_option: null, reason },
  };
  for (const invoice of invoicesOf(world, subscription)) {
    if (wasIncomplete && invoice.status === 'open') voidInvoice(world, invoice);
    else if (invoice.status === 'open' || invoice.status === 'draft') stopCollecting(world, invoice);
  }
  planAhead(world, subscription);
  world.emit('customer.subscription.deleted', subscription);
  return subscription;
}

function creditRest(world: World, subscription: Subscription, now: number): void {
  const lines = subscription.items.data.flatMap(
    (item) => creditDebits(world, item, world.internal.ledgers.get(item.id)?.debits ?? [], now).lines,
  );
  addPendingLines(world, subscription, lines);
}

function invoiceRest(world: World, subscription: Subscription, now: number): void {
  if (pendingLines(world, subscription).length === 0) return;
  const draft: SubscriptionInvoice = { reason: 'subscription_update', lines: [], period: { start: now, end: now } };
  const invoice = draftInvoice(world, subscription, draft);
  subscription.latest_invoice = invoice.id;
  finalize(world, invoice);
}

export function invoicesOf(world: World, subscription: Subscription): Invoice[] {
  return world.tables.invoices
    .of(subscription.customer)
    .filter((invoice) => subscriptionOf(world, invoice)?.id === subscription.id);
}

/** A planned cancellation comes true. */
export function cancelWhenDue(world: World, id: string): void {
  const subscription = find(world, id);
  if (subscription !== undefined) cancelNow(world, subscription, {});
}

export function warnOfTrialEnd(world: World, id: string): void {
  const subscription = find(world, id);
  if (subscription?.status !== 'trialing') return;
  world.internal.trialWarnings.add({ id: `${id} ${subscription.trial_end ?? 0}` });
  world.emit('customer.subscription.trial_will_end', subscription);
}

/** Bills what waits, for subscriptions that do so more often than they renew. */
export function billPendingItems(world: World, id: string): void {
  const subscription = find(world, id);
  if (subscription === undefined) return;
  const now = world.now(subscription.customer);
  world.change(subscription, 'customer.subscription.updated', () => {
    if (pendingLines(world, subscription).length > 0) {
      const period = { start: now, end: now };
      const invoice = draftInvoice(world, subscription, {
        reason: 'automatic_pending_invoice_item_invoice',
        lines: [],
        period,
      });
      planCollection(world, subscription, invoice, now + draftSeconds);
      subscription.latest_invoice = invoice.id;
    }
    planPendingItems(subscription, now);
  });
  planAhead(world, subscription);
}

/** The next time to bill what waits, counted from the anchor. */
export function planPendingItems(subscription: Subscription, now: number): void {
  const { pending_invoice_item_interval: wanted, billing_cycle_anchor: anchor } = subscription;
  if (wanted === null) return void (subscription.next_pending_invoice_item_invoice = null);
  const interval = { unit: wanted.interval, count: wanted.interval_count };
  const { end } = periodAt(Math.min(anchor, now), interval, now);
  subscription.next_pending_invoice_item_invoice = end > now ? end : stepFrom(end, interval, 1);
}

export function resumeCollection(world: World, id: string): void {
  const subscription = find(world, id);
  if (subscription === undefined) return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.pause_collection = null));
}
