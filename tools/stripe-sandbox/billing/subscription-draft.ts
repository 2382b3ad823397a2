import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import type { DraftLine, Ledger } from '../core/tables';
import type { World } from '../core/world';
import { listOf } from '../http/route';
import type { Customer, Price, Subscription, SubscriptionItem } from '../wire';
import { stepFrom, type Period } from './calendar';
import { checkItems } from './change-plan';
import { intervalOf, newItem, recurringPrice, regularLine, trialLine } from './items';
import { netAmounts, remainingLine } from './proration';

export interface NewItem {
  readonly price: string;
  readonly quantity?: number | undefined;
  readonly metadata?: Record<string, string> | null | undefined;
}

export interface SubscriptionOptions {
  readonly customer: Customer;
  readonly items: readonly NewItem[];
  readonly trialEnd: number | null;
  readonly anchor?: number | undefined;
  readonly prorates: boolean;
  readonly mode: 'classic' | 'flexible';
  readonly discounts: readonly string[];
}

/** A subscription that is not stored yet, with what its first invoice holds. */
export interface SubscriptionDraft {
  readonly subscription: Subscription;
  readonly ledgers: Ledger[];
  readonly lines: DraftLine[];
}

const blank = {
  object: 'subscription',
  ...{ application: null, application_fee_percent: null, billing_cycle_anchor_config: null, billing_schedules: [] },
  ...{ billing_thresholds: null, cancel_at: null, cancel_at_period_end: false, canceled_at: null },
  ...{ collection_method: 'charge_automatically', customer_account: null, days_until_due: null },
  ...{ default_payment_method: null, default_source: null, default_tax_rates: [], description: null, ended_at: null },
  ...{ latest_invoice: null, livemode: false, managed_payments: null, next_pending_invoice_item_invoice: null },
  ...{ on_behalf_of: null, pause_collection: null, pending_invoice_item_interval: null, pending_setup_intent: null },
  ...{ pending_update: null, schedule: null, transfer_data: null },
} satisfies Partial<Subscription>;

export function draftSubscription(world: World, options: SubscriptionOptions): SubscriptionDraft {
  const { customer, trialEnd, discounts } = options;
  const now = world.now(customer.id);
  const id = newId('sub');
  const prices = options.items.map(({ price }, index) => recurringPrice(world, price, `items[${index}][price]`));
  const [first] = prices;
  if (first === undefined)
    throw invalid('Missing required param: items.', { code: 'parameter_missing', param: 'items' });
  const anchor = trialEnd ?? options.anchor ?? now;
  const items = options.items.flatMap((wanted, index) => itemOf(wanted, prices[index], { id, now, anchor }));
  checkItems(items, first.currency);
  const subscription: Subscription = {
    ...{ ...blank, id, automatic_tax: noTax(), billing_cycle_anchor: anchor, billing_mode: modeOf(options.mode, now) },
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    ...{ created: now, currency: first.currency, customer: customer.id, discounts: [...discounts] },
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    ...{ items: listOf(items, `/v1/subscription_items?subscription=${id}`), metadata: {} },
    payment_settings: { payment_method_options: null, payment_method_types: null, save_default_payment_method: 'off' },
    ...{
      start_date: now,
      status: trialEnd === null ? 'incomplete' : 'trialing',
      test_clock: customer.test_clock ?? null,
    },
    ...{ trial_end: trialEnd, trial_start: trialEnd === null ? null : now },
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
  };
  const lines = firstLines(world, subscription, options);
  return { subscription, lines, ledgers: ledgersOf(items, lines) };
}

function noTax(): Subscription['automatic_tax'] {
  return { disabled_reason: null, enabled: false, liability: null };
}

function modeOf(type: 'classic' | 'flexible', now: number): Subscription['billing_mode'] {
  if (type === 'classic') return { flexible: null, type };
  return { flexible: { proration_discounts: 'included' }, type, updated_at: now };
}

interface ItemPlace {
  readonly id: string;
  readonly now: number;
  readonly anchor: number;
}

function itemOf(
  { quantity = 1, metadata }: NewItem,
  price: Price | undefined,
  { id, now, anchor }: ItemPlace,
): SubscriptionItem[] {
  if (price === undefined) return [];
  const end = anchor > now ? anchor : stepFrom(anchor, intervalOf(price), 1);
  return [
    newItem({
      subscription: id,
      price,
      quantity,
      period: { start: now, end },
      created: now,
      metadata: { ...metadata },
    }),
  ];
}

function firstLines(world: World, subscription: Subscription, options: SubscriptionOptions): DraftLine[] {
  const items = subscription.items.data;
  const nets = netAmounts(world, items, options.discounts);
  return items.flatMap((item, index) => {
    const period = { start: item.current_period_start, end: item.current_period_end };
    if (subscription.status === 'trialing') return [trialLine(world, item, period)];
    if (options.anchor === undefined) return [regularLine(world, item, period)];
    return options.prorates ? [partialLine(world, item, nets[index] ?? 0, period)] : [];
  });
}

/** A first period that is cut short by the anchor costs its part of a whole one. */
function partialLine(world: World, item: SubscriptionItem, net: number, { start, end }: Period): DraftLine {
  return remainingLine(world, item, net, start, { start: stepFrom(end, intervalOf(item.price), -1), end });
}

export function ledgersOf(items: readonly SubscriptionItem[], lines: readonly DraftLine[]): Ledger[] {
  return items.map(({ id }) => ({
    id,
    debits: lines
      .filter(({ item, amount }) => item === id && amount > 0)
      .map(({ amount, period }) => ({ amount, from: period.start, to: period.end, line: null })),
  }));
}
