import { invalid } from '../core/errors';
import type { World } from '../core/world';
import type { Invoice, Subscription } from '../wire';
import { planAhead } from './agenda-of';
import { applyChange } from './apply-change';
import { planChange, type ChangePlan, type ChangeRequest } from './change-plan';
import { collect, paymentError } from './collection';
import { openSeconds, type PaymentBehavior } from './create-subscription';
import { finalize, voidInvoice } from './invoices';
import { addPendingLines, draftInvoice } from './subscription-invoices';

export type ProrationBehavior = 'always_invoice' | 'create_prorations' | 'none';

export interface SubscriptionChange {
  readonly items: ChangeRequest['items'];
  readonly behavior: PaymentBehavior;
  readonly proration: ProrationBehavior;
  readonly prorationDate?: number | undefined;
  readonly resets: boolean;
  readonly trialEnd?: number | 'now' | undefined;
  readonly offSession: boolean;
}

export function requestOf(world: World, subscription: Subscription, change: SubscriptionChange): ChangeRequest {
  const now = world.now(subscription.customer);
  const { trialEnd, proration, prorationDate, items } = change;
  if (typeof trialEnd === 'number' && trialEnd <= now) {
    throw invalid('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
  }
  const resets = change.resets || (trialEnd === 'now' && subscription.status === 'trialing');
  const at = resets ? now : (prorationDate ?? now);
  const [first] = subscription.items.data;
  if (first !== undefined && (at < first.current_period_start || at > first.current_period_end)) {
    throw invalid('The proration date must be within the current billing period.', { param: 'proration_date' });
  }
  const discounts = subscription.discounts;
  const until = typeof trialEnd === 'number' ? trialEnd : undefined;
  return { items, at, prorates: proration !== 'none', resets, trialEnd: until, discounts };
}

/** Changes items, anchor or trial, and bills what follows from it. */
export function changeSubscription(world: World, subscription: Subscription, change: SubscriptionChange): void {
  const request = requestOf(world, subscription, change);
  const plan = planChange(world, subscription, request);
  const billsNow = request.resets || (change.proration === 'always_invoice' && plan.lines.length > 0);
  const isConditional = change.behavior === 'pending_if_incomplete' || change.behavior === 'error_if_incomplete';
  if (billsNow && isConditional) return payThenApply(world, subscription, plan, change);
  applyChange(world, subscription, plan);
  if (!billsNow) return addPendingLines(world, subscription, plan.lines);
  const invoice = invoiceNow(world, subscription, plan);
  if (invoice.status === 'open') collect(world, invoice, { offSession: change.offSession, retries: true });
}

function invoiceNow(world: World, subscription: Subscription, plan: ChangePlan): Invoice {
  const now = world.now(subscription.customer);
  const { lines, ledgers } = plan;
  const draft = { reason: 'subscription_update', lines, ledgers, period: { start: now, end: now } } as const;
  const invoice = draftInvoice(world, subscription, draft);
  subscription.latest_invoice = invoice.id;
  finalize(world, invoice);
  return invoice;
}

/** Nothing changes until the invoice is paid. */
function payThenApply(world: World, subscription: Subscription, plan: ChangePlan, change: SubscriptionChange): void {
  dropEarlier(world, subscription);
  const latest = subscription.latest_invoice;
  const invoice = invoiceNow(world, subscription, plan);
  world.internal.unapplied.add({ id: invoice.id });
  const result =
    invoice.status === 'open'
      ? collect(world, invoice, { offSession: change.offSession, retries: false })
      : 'succeeded';
  if (result === 'succeeded') return applyChange(world, subscription, plan);
  if (change.behavior === 'error_if_incomplete') {
    const error = paymentError(world, invoice, result);
    voidInvoice(world, invoice);
    subscription.latest_invoice = latest;
    throw error;
  }
  waitForPayment(world, subscription, plan, invoice);
}

/** A later change takes the place of one that still waits for its payment. */
function dropEarlier(world: World, subscription: Subscription): void {
  const earlier = world.tables.invoices.get(world.internal.pendingChanges.get(subscription.id)?.invoice ?? '');
  world.internal.pendingChanges.delete(subscription.id);
  subscription.pending_update = null;
  if (earlier?.status === 'open') voidInvoice(world, earlier);
}

function waitForPayment(world: World, subscription: Subscription, plan: ChangePlan, invoice: Invoice): void {
  const expires_at = world.now(subscription.customer) + openSeconds;
  const { items, ledgers, anchor, trialEnd } = plan;
  world.internal.pendingChanges.add({ id: subscription.id, invoice: invoice.id, items, ledgers, anchor, trialEnd });
  subscription.pending_update = {
    ...{
      billing_cycle_anchor: anchor === subscription.billing_cycle_anchor ? null : anchor,
      cancel_at_period_end: null,
    },
    ...{ discount: null, discounts: null, expires_at, metadata: null, subscription_items: items },
    ...{ trial_end: trialEnd === subscription.trial_end ? null : trialEnd, trial_from_plan: null },
  };
  invoice.auto_advance = false;
  world.clockOf(invoice.customer).agenda.set('invoice.expire', invoice.id, expires_at);
}

/** A paused subscription goes on with a new period, as soon as that is paid. */
export function resumeSubscription(world: World, subscription: Subscription, offSession: boolean): Subscription {
  if (subscription.status !== 'paused') {
    throw invalid('Only subscriptions with status `paused` can be resumed.', { param: 'status' });
  }
  const change = { items: [], behavior: 'error_if_incomplete', proration: 'none', resets: true, offSession } as const;
  const plan = planChange(world, subscription, {
    ...requestForResume(world, subscription),
    ...change,
    prorates: false,
  });
  return world.change(subscription, 'customer.subscription.updated', () => {
    payThenApply(world, subscription, plan, change);
    subscription.status = 'active';
    delete subscription.status_details;
    planAhead(world, subscription);
    world.emit('customer.subscription.resumed', subscription);
  });
}

function requestForResume(world: World, subscription: Subscription) {
  return { at: world.now(subscription.customer), discounts: subscription.discounts };
}
