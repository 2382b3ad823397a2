import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import type { DraftLine } from '../core/tables';
import type { World } from '../core/world';
import type { Price, SubscriptionItem } from '../wire';
import type { Interval, Period } from './calendar';
import { amountOf } from './invoice-lines';
import { moneyText } from './money';

export function intervalOf({ recurring }: Price): Interval {
  return { unit: recurring?.interval ?? 'month', count: recurring?.interval_count ?? 1 };
}

/** The price that a parameter names, if it can be subscribed to. */
export function recurringPrice(world: World, id: string, param: string): Price {
  const price = world.tables.prices.named(id, param);
  if (!price.active)
    throw invalid('The price specified is inactive. This field only accepts active prices.', { param });
  if (price.type !== 'recurring') {
    throw invalid(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      { param },
    );
  }
  return price;
}

function planOf(price: Price): SubscriptionItem['plan'] {
  const { unit, count } = intervalOf(price);
  return {
    ...{ id: price.id, object: 'plan', active: price.active, amount: price.unit_amount, billing_scheme: 'per_unit' },
    ...{ amount_decimal: price.unit_amount_decimal, created: price.created, currency: price.currency, interval: unit },
    ...{ interval_count: count, livemode: false, metadata: price.metadata, meter: price.recurring?.meter ?? null },
    ...{ nickname: price.nickname, product: price.product, tiers_mode: null, transform_usage: null },
    ...{
      trial_period_days: price.recurring?.trial_period_days ?? null,
      usage_type: price.recurring?.usage_type ?? 'licensed',
    },
  };
}

export interface ItemDraft {
  readonly subscription: string;
  readonly price: Price;
  readonly quantity: number;
  readonly period: Period;
  readonly created: number;
  readonly metadata: Record<string, string>;
}

export function newItem(draft: ItemDraft): SubscriptionItem {
  const { subscription, price, quantity, period, created, metadata } = draft;
  const own = { metadata, plan: planOf(price), price: structuredClone(price), subscription };
  return {
    ...{ id: newId('si'), object: 'subscription_item', billing_thresholds: null, created, current_trial: null },
    ...{ current_period_end: period.end, current_period_start: period.start, discounts: [], tax_rates: [], ...own },
    quantity,
  };
}

export function withPrice(item: SubscriptionItem, price: Price, quantity: number, period: Period): SubscriptionItem {
  const { id, created, metadata, subscription } = item;
  return { ...newItem({ subscription, price, quantity, period, created, metadata }), id };
}

export function quantityOf(item: SubscriptionItem): number {
  return item.quantity ?? 1;
}

export function fullAmountOf(item: SubscriptionItem): number {
  return amountOf(item.price, quantityOf(item));
}

export function labelOf(world: World, item: SubscriptionItem): string {
  return `${quantityOf(item)} × ${world.tables.products.get(item.price.product)?.name ?? 'Product'}`;
}

export function dayText(time: number): string {
  return new Date(time * 1_000).toLocaleDateString('en-GB', {
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}

interface LineOptions {
  readonly amount: number;
  readonly description: string;
  readonly period: Period;
  readonly proration?: boolean;
  readonly credited?: DraftLine['credited'];
  readonly quantity?: number;
}

export function draftLine(item: SubscriptionItem, options: LineOptions): DraftLine {
  const { amount, description, period, proration = false, credited = null, quantity = quantityOf(item) } = options;
  return {
    ...{ amount, description, period, proration, credited, quantity, price: item.price },
    ...{ subscription: item.subscription, item: item.id, invoiceItem: null },
  };
}

/** What an item costs for a whole period. */
export function regularLine(world: World, item: SubscriptionItem, period: Period): DraftLine {
  const { unit } = intervalOf(item.price);
  const each = moneyText(item.price.unit_amount ?? Number(item.price.unit_amount_decimal), item.price.currency);
  const description = `${labelOf(world, item)} (at ${each} / ${unit})`;
  return draftLine(item, { amount: fullAmountOf(item), description, period });
}

export function trialLine(world: World, item: SubscriptionItem, period: Period): DraftLine {
  return draftLine(item, {
    amount: 0,
    description: `Trial period for ${labelOf(world, item).replace(/^\d+ × /, '')}`,
    period,
  });
}
