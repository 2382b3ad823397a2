import { newId } from '../core/ids';
import type { DraftLine, Ledger } from '../core/tables';
import type { World } from '../core/world';
import type { Invoice, Subscription } from '../wire';
import { afterUse, validDiscounts } from './discounts';
import { addInvoice, customerOf } from './invoices';
import { linkDebits } from './proration';

/** Lines that wait for the next invoice of a subscription. */
export function pendingLines(world: World, subscription: Subscription): DraftLine[] {
  return world.internal.pendingLines
    .of(subscription.id)
    .reverse()
    .map(({ line }) => line);
}

export function addPendingLines(world: World, subscription: Subscription, lines: readonly DraftLine[]): void {
  for (const line of lines) {
    const id = newId('ii');
    const own = { id, customer: subscription.customer, subscription: subscription.id };
    world.internal.pendingLines.add({ ...own, line: { ...line, invoiceItem: id } });
  }
}

function takePendingLines(world: World, subscription: Subscription): DraftLine[] {
  const lines = pendingLines(world, subscription);
  for (const { id } of world.internal.pendingLines.of(subscription.id)) world.internal.pendingLines.delete(id);
  return lines;
}

export function ledgersFor(world: World, subscription: Subscription): Ledger[] {
  return subscription.items.data.flatMap(({ id }) => world.internal.ledgers.get(id) ?? []);
}

export interface SubscriptionInvoice {
  readonly reason: NonNullable<Invoice['billing_reason']>;
  readonly lines: readonly DraftLine[];
  readonly period: { readonly start: number; readonly end: number };
  /** Where to note what was charged. By default the subscription's own. */
  readonly ledgers?: readonly Ledger[];
}

/** A draft with these lines and all that wait. Discounts for one invoice are used up by it. */
export function draftInvoice(world: World, subscription: Subscription, draft: SubscriptionInvoice): Invoice {
  const customer = customerOf(world, subscription);
  const discounts = validDiscounts(world, subscription.discounts, world.now(customer.id));
  const lines = [...takePendingLines(world, subscription), ...draft.lines];
  const { reason, period } = draft;
  const invoice = addInvoice(world, { customer, subscription, reason, lines, discounts, period });
  linkDebits(draft.ledgers ?? ledgersFor(world, subscription), invoice);
  const isUsed = (invoice.total_discount_amounts ?? []).some(({ amount }) => amount > 0);
  subscription.discounts = isUsed ? afterUse(world, discounts) : discounts;
  return invoice;
}
