import type { World } from '../core/world';
import type { Invoice, Subscription } from '../wire';
import { isOngoing, planAhead } from './agenda-of';
import { applyChange } from './apply-change';
import { stopCollecting, subscriptionOf, voidInvoice } from './invoices';
import { intentOf } from './invoice-payments';
import { cancelNow, invoicesOf, pause } from './lifecycle';

function ongoingOf(world: World, invoice: Invoice): Subscription | undefined {
  const subscription = subscriptionOf(world, invoice);
  return subscription !== undefined && isOngoing(subscription) ? subscription : undefined;
}

/** Invoices that were tried and are still owed. */
function isOwing(world: World, subscription: Subscription): boolean {
  return invoicesOf(world, subscription).some(({ status, attempted }) => status === 'open' && attempted);
}

export function onInvoicePaid(world: World, invoice: Invoice): void {
  const subscription = ongoingOf(world, invoice);
  if (subscription === undefined) return;
  world.clockOf(invoice.customer).agenda.clear('invoice.expire', invoice.id);
  const change = world.internal.pendingChanges.get(subscription.id);
  if (change?.invoice === invoice.id) return applyPending(world, subscription);
  const { status } = subscription;
  const recovers = (status === 'past_due' || status === 'unpaid') && !isOwing(world, subscription);
  const begins = status === 'incomplete' && invoice.billing_reason === 'subscription_create';
  if (!recovers && !begins) return;
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.status = 'active';
    keepMethod(world, subscription, invoice);
  });
  planAhead(world, subscription);
}

/** For `save_default_payment_method: 'on_subscription'`. */
export function keepMethod(world: World, subscription: Subscription, invoice: Invoice): void {
  if (subscription.payment_settings?.save_default_payment_method !== 'on_subscription') return;
  subscription.default_payment_method = intentOf(world, invoice)?.payment_method ?? subscription.default_payment_method;
}

function applyPending(world: World, subscription: Subscription): void {
  const change = world.internal.pendingChanges.get(subscription.id);
  if (change === undefined) return;
  world.internal.pendingChanges.delete(subscription.id);
  world.change(subscription, 'customer.subscription.updated', () => {
    subscription.pending_update = null;
    applyChange(world, subscription, { ...change, lines: [] });
  });
  world.emit('customer.subscription.pending_update_applied', subscription);
  planAhead(world, subscription);
}

export function onInvoiceFailed(world: World, invoice: Invoice): void {
  const subscription = ongoingOf(world, invoice);
  if (subscription === undefined || (subscription.status !== 'active' && subscription.status !== 'trialing')) return;
  if (world.internal.unapplied.get(invoice.id) !== undefined) return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.status = 'past_due'));
  planAhead(world, subscription);
}

export function onInvoiceVoided(world: World, invoice: Invoice): void {
  const subscription = ongoingOf(world, invoice);
  if (subscription?.status === 'past_due' && !isOwing(world, subscription)) {
    world.change(subscription, 'customer.subscription.updated', () => (subscription.status = 'active'));
  }
  if (subscription !== undefined && world.internal.pendingChanges.get(subscription.id)?.invoice === invoice.id) {
    dropPending(world, subscription);
  }
}

function dropPending(world: World, subscription: Subscription): void {
  world.internal.pendingChanges.delete(subscription.id);
  world.change(subscription, 'customer.subscription.updated', () => (subscription.pending_update = null));
  world.emit('customer.subscription.pending_update_expired', subscription);
}

export function onRetriesExhausted(world: World, invoice: Invoice): void {
  const subscription = ongoingOf(world, invoice);
  if (subscription === undefined) return;
  const { afterLastRetry: wanted } = world.settings;
  if (wanted === 'cancel') return void cancelNow(world, subscription, { reason: 'payment_failed' });
  if (wanted === 'pause') return pause(world, subscription, 'final_payment_failure');
  if (wanted === 'past_due') return;
  world.change(subscription, 'customer.subscription.updated', () => (subscription.status = 'unpaid'));
  for (const open of invoicesOf(world, subscription)) {
    if (open.status === 'open' || open.status === 'draft') stopCollecting(world, open);
  }
}

/** 23 hours after a first or changing invoice was not paid: it is void, and what it was for does not happen. */
export function expireInvoice(world: World, id: string): void {
  const invoice = world.tables.invoices.get(id);
  if (invoice?.status !== 'open') return;
  const subscription = ongoingOf(world, invoice);
  if (subscription?.status === 'incomplete') {
    subscription.status = 'incomplete_expired';
    subscription.ended_at = world.now(invoice.customer);
    voidInvoice(world, invoice);
    planAhead(world, subscription);
    world.emit('customer.subscription.updated', subscription, { status: 'incomplete', ended_at: null });
    return;
  }
  voidInvoice(world, invoice);
}
