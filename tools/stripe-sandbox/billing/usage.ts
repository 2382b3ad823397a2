import type { DraftLine } from '../core/tables';
import type { World } from '../core/world';
import type { Meter, SubscriptionItem } from '../wire';
import type { Period } from './calendar';
import { amountOf } from './invoice-lines';
import { draftLine } from './items';

/** What a meter says about a customer and a span of time. */
export function usageOf(world: World, meter: Meter, customer: string, { start, end }: Period): number {
  const values = world.internal.meterEvents
    .of(customer)
    .filter(({ event }) => event.event_name === meter.event_name && event.timestamp >= start && event.timestamp < end)
    .toSorted((a, b) => a.event.timestamp - b.event.timestamp)
    .map(({ value }) => value);
  const { formula } = meter.default_aggregation;
  if (formula === 'count') return values.length;
  if (formula === 'last') return values.at(-1) ?? 0;
  return values.reduce((sum, value) => sum + value, 0);
}

/** The line for what was used in a period that is over. */
export function usageLine(world: World, item: SubscriptionItem, customer: string, period: Period): DraftLine {
  const meter = world.tables.meters.find(item.price.recurring?.meter ?? '');
  const quantity = usageOf(world, meter, customer, period);
  const name = world.tables.products.get(item.price.product)?.name ?? meter.display_name;
  return draftLine(item, {
    amount: amountOf(item.price, quantity),
    description: `${quantity} × ${name}`,
    period,
    quantity,
  });
}
