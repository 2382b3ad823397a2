import { invalid, noSuch } from '../core/errors';
import type { Debit, DraftLine, Ledger } from '../core/tables';
import type { World } from '../core/world';
import type { Price, Subscription, SubscriptionItem } from '../wire';
import { periodAt, stepFrom, type Period } from './calendar';
import { fullAmountOf, intervalOf, newItem, quantityOf, recurringPrice, regularLine, withPrice } from './items';
import { creditCurrentPrice, creditDebits, netAmounts, remainingLine } from './proration';

export interface ItemChange {
  readonly id?: string | undefined;
  readonly price?: string | undefined;
  readonly quantity?: number | undefined;
  readonly deleted?: boolean | undefined;
  readonly metadata?: Record<string, string> | null | undefined;
}

export interface ChangeRequest {
  readonly items: readonly ItemChange[];
  /** From when on the change counts. */
  readonly at: number;
  readonly prorates: boolean;
  /** Starts a new period now, and charges it in full. */
  readonly resets: boolean;
  /** The end of a trial that begins or goes on now. */
  readonly trialEnd?: number | undefined;
  readonly discounts: readonly string[];
}

/** What a change would do. Nothing has happened yet: previews use it too. */
export interface ChangePlan {
  readonly items: SubscriptionItem[];
  readonly ledgers: Ledger[];
  readonly lines: DraftLine[];
  readonly anchor: number;
  readonly trialEnd: number | null;
}

interface Slot {
  readonly before: SubscriptionItem | undefined;
  readonly after: SubscriptionItem | undefined;
  readonly debits: readonly Debit[];
  readonly isChanged: boolean;
}

export function planChange(world: World, subscription: Subscription, request: ChangeRequest): ChangePlan {
  const { at, resets, trialEnd } = request;
  const anchor = trialEnd ?? (resets ? at : subscription.billing_cycle_anchor);
  const slots = slotsOf(world, subscription, request, anchor);
  const items = slots.flatMap(({ after }) => after ?? []);
  if (items.length === 0) throw invalid('A subscription must have at least one active plan.', { param: 'items' });
  const nets = netAmounts(world, items, request.discounts);
  const lines: DraftLine[] = [];
  const ledgers: Ledger[] = [];
  for (const slot of slots) {
    const isTouched = slot.isChanged || resets || trialEnd !== undefined;
    const credit = isTouched ? creditOf(world, subscription, slot, request) : { lines: [], debits: [...slot.debits] };
    lines.push(...credit.lines);
    if (slot.after === undefined) continue;
    const net = nets[items.indexOf(slot.after)] ?? 0;
    const debit = isTouched ? debitOf(world, subscription, slot.after, net, request) : undefined;
    if (debit !== undefined) lines.push(debit);
    const own =
      debit === undefined ? [] : [{ amount: debit.amount, from: debit.period.start, to: debit.period.end, line: null }];
    ledgers.push({ id: slot.after.id, debits: [...credit.debits, ...own] });
  }
  const goesOn = resets ? null : subscription.trial_end;
  return { items, ledgers, lines, anchor, trialEnd: trialEnd ?? goesOn };
}

function slotsOf(world: World, subscription: Subscription, request: ChangeRequest, anchor: number): Slot[] {
  const { items: changes } = request;
  const unknown = changes.find(({ id }) => id !== undefined && !subscription.items.data.some((item) => item.id === id));
  if (unknown?.id !== undefined) throw noSuch('subscription item', unknown.id, 'items[0][id]', 400);
  const kept = subscription.items.data.map((before): Slot => {
    const debits = world.internal.ledgers.get(before.id)?.debits ?? [];
    const change = changes.find(({ id }) => id === before.id);
    if (change?.deleted === true) return { before, after: undefined, debits, isChanged: true };
    const price = change?.price === undefined ? before.price : recurringPrice(world, change.price, 'items[0][price]');
    const quantity = change?.quantity ?? quantityOf(before);
    const period = periodOf(price, anchor, request, before);
    const after = {
      ...withPrice(before, price, quantity, period),
      metadata: { ...before.metadata, ...change?.metadata },
    };
    const isChanged = price.id !== before.price.id || quantity !== quantityOf(before);
    return { before, after, debits, isChanged };
  });
  const added = changes
    .filter(({ id }) => id === undefined)
    .map((change) => addedSlot(world, subscription, request, change, anchor));
  checkItems(
    [...kept, ...added].flatMap(({ after }) => after ?? []),
    subscription.currency,
  );
  return [...kept, ...added];
}

function addedSlot(
  world: World,
  subscription: Subscription,
  request: ChangeRequest,
  change: ItemChange,
  anchor: number,
): Slot {
  if (change.price === undefined)
    throw invalid('Missing required param: items[0][price].', { code: 'parameter_missing', param: 'items[0][price]' });
  const price = recurringPrice(world, change.price, 'items[0][price]');
  const { quantity = 1, metadata } = change;
  const period = periodOf(price, anchor, request, undefined);
  const draft = {
    subscription: subscription.id,
    price,
    quantity,
    period,
    created: request.at,
    metadata: { ...metadata },
  };
  return { before: undefined, after: newItem(draft), debits: [], isChanged: true };
}

export function checkItems(items: readonly SubscriptionItem[], currency: string): void {
  const prices = items.map(({ price }) => price.id);
  if (new Set(prices).size < prices.length) {
    throw invalid('Cannot add multiple subscription items with the same plan.', { param: 'items' });
  }
  const other = items.find(({ price }) => price.currency !== currency);
  if (other !== undefined) {
    throw invalid(
      `The price specified supports currencies of \`${other.price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
      { param: 'items' },
    );
  }
}

function periodOf(price: Price, anchor: number, request: ChangeRequest, before: SubscriptionItem | undefined): Period {
  const { at, resets, trialEnd } = request;
  if (trialEnd !== undefined) return { start: at, end: trialEnd };
  const interval = intervalOf(price);
  if (resets) return { start: at, end: stepFrom(at, interval, 1) };
  const isSame = before !== undefined && sameInterval(before.price, price);
  if (isSame) return { start: before.current_period_start, end: before.current_period_end };
  return periodAt(anchor, interval, at);
}

function sameInterval(a: Price, b: Price): boolean {
  return intervalOf(a).unit === intervalOf(b).unit && intervalOf(a).count === intervalOf(b).count;
}

function creditOf(world: World, subscription: Subscription, slot: Slot, { at, prorates }: ChangeRequest) {
  const { before, debits } = slot;
  // Without proration, what was charged stays charged: a later change gives it back.
  if (before === undefined || !prorates) return { lines: [], debits: [...debits] };
  if (subscription.status === 'trialing') return { lines: [], debits: [] };
  const isClassic = subscription.billing_mode.type === 'classic';
  return isClassic ? creditCurrentPrice(world, before, debits, at) : creditDebits(world, before, debits, at);
}

function debitOf(
  world: World,
  subscription: Subscription,
  item: SubscriptionItem,
  net: number,
  { at, prorates, resets, trialEnd }: ChangeRequest,
): DraftLine | undefined {
  if (trialEnd !== undefined) return undefined;
  const period = { start: item.current_period_start, end: item.current_period_end };
  if (resets) return regularLine(world, item, period);
  if (!prorates || subscription.status === 'trialing' || fullAmountOf(item) === 0) return undefined;
  return remainingLine(world, item, net, at, period);
}
