import type { Debit, DraftLine, Ledger } from '../core/tables';
import type { World } from '../core/world';
import type { Invoice, SubscriptionItem } from '../wire';
import type { Period } from './calendar';
import { discountShares } from './discounts';
import { netOf } from './invoice-lines';
import { dayText, draftLine, fullAmountOf, labelOf } from './items';
import { shareOf } from './money';

export interface Credit {
  readonly lines: DraftLine[];
  /** What stays charged. */
  readonly debits: Debit[];
}

/** Gives back what was really charged for the time from `at`: https://docs.stripe.com/billing/subscriptions/prorations */
export function creditDebits(world: World, item: SubscriptionItem, debits: readonly Debit[], at: number): Credit {
  const lines: DraftLine[] = [];
  const kept = debits.flatMap((debit) => {
    if (debit.to <= at) return [debit];
    const from = Math.max(at, debit.from);
    const amount = shareOf(debit.amount, debit.to - from, debit.to - debit.from);
    if (amount !== 0) lines.push(unusedLine(world, item, -amount, { start: from, end: debit.to }, debit));
    return from > debit.from ? [{ ...debit, amount: debit.amount - amount, to: from }] : [];
  });
  return { lines, debits: kept };
}

/** Classic billing mode credits the current price, whatever was charged. */
export function creditCurrentPrice(world: World, item: SubscriptionItem, debits: readonly Debit[], at: number): Credit {
  const { current_period_start: start, current_period_end: end } = item;
  const amount = shareOf(fullAmountOf(item), end - at, end - start);
  const kept = debits.flatMap((debit) => (debit.from >= at ? [] : [{ ...debit, to: Math.min(debit.to, at) }]));
  return { lines: amount === 0 ? [] : [unusedLine(world, item, -amount, { start: at, end }, undefined)], debits: kept };
}

function unusedLine(world: World, item: SubscriptionItem, amount: number, period: Period, debit: Debit | undefined) {
  const { line = null } = debit ?? {};
  const credited = line === null ? null : { invoice: line.invoice, lines: [line.line] };
  const description = `Unused time on ${labelOf(world, item)} after ${dayText(period.start)}`;
  return draftLine(item, { amount, description, period, proration: true, credited });
}

/** What each item costs for a whole period after the subscription's discounts. */
export function netAmounts(world: World, items: readonly SubscriptionItem[], discounts: readonly string[]): number[] {
  const bases = items.map((item) => ({ amount: fullAmountOf(item), product: item.price.product }));
  const shares = discountShares(world, discounts, bases);
  return bases.map(({ amount }, index) => shares.reduce((net, { amounts }) => net - (amounts[index] ?? 0), amount));
}

/** The charge for what is left of a period. */
export function remainingLine(
  world: World,
  item: SubscriptionItem,
  net: number,
  at: number,
  period: Period,
): DraftLine {
  const amount = shareOf(net, period.end - at, period.end - period.start);
  const description = `Remaining time on ${labelOf(world, item)} after ${dayText(at)}`;
  return draftLine(item, { amount, description, period: { start: at, end: period.end }, proration: true });
}

/** Notes on which line of an invoice each charge stands, and what it was after discounts. */
export function linkDebits(ledgers: readonly Ledger[], invoice: Invoice): void {
  for (const line of invoice.lines.data) {
    const ledger = ledgers.find(({ id }) => id === line.parent?.subscription_item_details?.subscription_item);
    if (ledger === undefined || line.amount < 0) continue;
    ledger.debits = ledger.debits.map((debit) => {
      const isIt = debit.line === null && debit.from === line.period.start && debit.to === line.period.end;
      return isIt ? { ...debit, amount: netOf(line), line: { invoice: invoice.id, line: line.id } } : debit;
    });
  }
}
