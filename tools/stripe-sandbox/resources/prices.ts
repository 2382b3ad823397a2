import { z } from 'zod';
import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { currency, decimal, emptyable, flag, isInRange, metadata, natural, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Price } from '../wire';

const interval = z.enum(['day', 'week', 'month', 'year']);
const taxBehavior = z.enum(['exclusive', 'inclusive', 'unspecified']);

const recurring = z.strictObject({
  interval,
  interval_count: natural.optional(),
  trial_period_days: natural.optional(),
  usage_type: z.literal('licensed').optional(),
});

const amount = {
  currency,
  recurring: recurring.optional(),
  tax_behavior: taxBehavior.optional(),
  unit_amount: natural.optional(),
  unit_amount_decimal: decimal.optional(),
};

export const priceData = z.strictObject({ ...amount, metadata });

const creation = {
  ...amount,
  active: flag.optional(),
  billing_scheme: z.literal('per_unit').optional(),
  lookup_key: text.optional(),
  metadata,
  nickname: text.optional(),
  product: text.optional(),
  product_data: z.strictObject({ name: text, metadata }).optional(),
  transfer_lookup_key: flag.optional(),
};

const changes = {
  active: flag.optional(),
  lookup_key: emptyable(text),
  metadata,
  nickname: emptyable(text),
  tax_behavior: taxBehavior.optional(),
  transfer_lookup_key: flag.optional(),
};

interface PriceDraft {
  readonly currency: string;
  readonly recurring?: z.output<typeof recurring> | undefined;
  readonly tax_behavior?: z.output<typeof taxBehavior> | undefined;
  readonly unit_amount?: number | undefined;
  readonly unit_amount_decimal?: number | undefined;
  readonly metadata?: Record<string, string> | null | undefined;
  readonly active?: boolean | undefined;
  readonly lookup_key?: string | undefined;
  readonly nickname?: string | undefined;
  readonly transfer_lookup_key?: boolean | undefined;
}

/** A lookup key belongs to one price: another one may only take it over on purpose. */
function claimLookupKey(world: World, key: string, transfers: boolean | undefined, taker?: string): void {
  const holder = world.tables.prices.newestFirst().find((price) => price.lookup_key === key);
  if (holder === undefined || holder.id === taker) return;
  if (transfers !== true) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key. To transfer it, set transfer_lookup_key.`;
    throw invalid(message, { param: 'lookup_key' });
  }
  world.change(holder, 'price.updated', () => (holder.lookup_key = null));
}

function recurringOf(given: z.output<typeof recurring> | undefined): Price['recurring'] {
  if (given === undefined) return null;
  const { interval: unit, interval_count = 1, trial_period_days = null, usage_type = 'licensed' } = given;
  return { interval: unit, interval_count, meter: null, trial_period_days, usage_type };
}

export function createPrice(world: World, product: string, given: PriceDraft): Price {
  const { unit_amount: units, unit_amount_decimal: exact, lookup_key: key } = given;
  if (units === undefined && exact === undefined) {
    throw invalid('Missing required param: unit_amount.', { code: 'parameter_missing', param: 'unit_amount' });
  }
  const terms = recurringOf(given.recurring);
  if (key !== undefined) claimLookupKey(world, key, given.transfer_lookup_key);
  const value = units ?? exact ?? 0;
  const price: Price = {
    ...{ id: newId('price'), object: 'price', active: given.active ?? true, billing_scheme: 'per_unit' },
    ...{ created: world.realClock.now(), currency: given.currency, custom_unit_amount: null, livemode: false },
    ...{ lookup_key: key ?? null, metadata: mergeMetadata({}, given.metadata), nickname: given.nickname ?? null },
    ...{ product, recurring: terms, tax_behavior: given.tax_behavior ?? 'unspecified', tiers_mode: null },
    ...{ transform_quantity: null, type: terms === null ? 'one_time' : 'recurring' },
    ...{ unit_amount: Number.isInteger(value) ? value : null, unit_amount_decimal: String(value) },
  };
  world.tables.prices.add(price);
  world.emit('price.created', price);
  return price;
}

function productFor(world: World, given: z.output<z.ZodObject<typeof creation>>): string {
  const { product, product_data: data } = given;
  if (product !== undefined) return world.tables.products.named(product, 'product').id;
  if (data === undefined)
    throw invalid('Missing required param: product.', { code: 'parameter_missing', param: 'product' });
  throw invalid('The sandbox creates no product together with a price: create it first.', { param: 'product_data' });
}

const filters = {
  active: flag.optional(),
  created: range,
  currency: currency.optional(),
  lookup_keys: z.array(text).optional(),
  product: text.optional(),
  recurring: z
    .strictObject({ interval: interval.optional(), meter: text.optional(), usage_type: text.optional() })
    .optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
};

type Filters = z.output<z.ZodObject<typeof filters>>;

function matches(price: Price, wanted: Filters): boolean {
  const { recurring: terms } = wanted;
  return [
    isInRange(price.created, wanted.created),
    wanted.active === undefined || price.active === wanted.active,
    wanted.currency === undefined || price.currency === wanted.currency,
    wanted.product === undefined || price.product === wanted.product,
    wanted.type === undefined || price.type === wanted.type,
    wanted.lookup_keys === undefined || wanted.lookup_keys.includes(price.lookup_key ?? ''),
    terms?.interval === undefined || price.recurring?.interval === terms.interval,
    terms?.meter === undefined || price.recurring?.meter === terms.meter,
    terms?.usage_type === undefined || price.recurring?.usage_type === terms.usage_type,
  ].every(Boolean);
}

export const priceRoutes: readonly Route[] = [
  route('POST', '/v1/prices', creation, ({ world, params }) => createPrice(world, productFor(world, params), params)),
  route('GET', '/v1/prices/:id', {}, ({ world, id }) => world.tables.prices.find(id)),
  route('POST', '/v1/prices/:id', changes, ({ world, params, id }) => {
    const price = world.tables.prices.find(id);
    const { lookup_key: key, tax_behavior: behavior } = params;
    if (behavior !== undefined && price.tax_behavior !== 'unspecified' && price.tax_behavior !== behavior) {
      throw invalid('You cannot change the tax_behavior of a price once it is set.', { param: 'tax_behavior' });
    }
    if (typeof key === 'string') claimLookupKey(world, key, params.transfer_lookup_key, id);
    return world.change(price, 'price.updated', () => {
      const { active, nickname } = params;
      assignGiven(price, { active, nickname, lookup_key: key, tax_behavior: behavior });
      if (params.metadata !== undefined) price.metadata = mergeMetadata(price.metadata, params.metadata);
    });
  }),
  listRoute('/v1/prices', filters, ({ world, params }) =>
    world.tables.prices.newestFirst().filter((price) => matches(price, params)),
  ),
];
