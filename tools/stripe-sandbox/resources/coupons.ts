import { z } from 'zod';
import { invalid } from '../core/errors';
import { randomText } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import { currency, decimal, emptyable, isInRange, metadata, natural, range, text, time } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Coupon } from '../wire';

const creation = {
  amount_off: natural.optional(),
  applies_to: z.strictObject({ products: z.array(text) }).optional(),
  currency: currency.optional(),
  duration: z.enum(['forever', 'once', 'repeating']).optional(),
  duration_in_months: natural.optional(),
  id: text.optional(),
  max_redemptions: natural.optional(),
  metadata,
  name: text.optional(),
  percent_off: decimal.optional(),
  redeem_by: time.optional(),
};

type Creation = z.output<z.ZodObject<typeof creation>>;

function check({
  amount_off: amount,
  percent_off: percent,
  duration,
  duration_in_months: months,
  ...rest
}: Creation): void {
  if ((amount === undefined) === (percent === undefined)) {
    throw invalid('You must pass either amount_off or percent_off, and not both.', { param: 'percent_off' });
  }
  if (amount !== undefined && rest.currency === undefined) {
    throw invalid('Missing required param: currency.', { code: 'parameter_missing', param: 'currency' });
  }
  if (percent !== undefined && (percent <= 0 || percent > 100)) {
    throw invalid('percent_off must be greater than 0 and at most 100.', { param: 'percent_off' });
  }
  if ((duration === 'repeating') !== (months !== undefined)) {
    throw invalid('duration_in_months goes with duration repeating, and only with it.', {
      param: 'duration_in_months',
    });
  }
}

export const couponRoutes: readonly Route[] = [
  route('POST', '/v1/coupons', creation, ({ world, params }) => {
    check(params);
    const id = params.id ?? randomText(8);
    if (world.tables.coupons.get(id) !== undefined) {
      throw invalid('Coupon already exists.', { code: 'resource_already_exists', param: 'id' });
    }
    const coupon: Coupon = {
      ...{ id, object: 'coupon', amount_off: params.amount_off ?? null, created: world.realClock.now() },
      ...{ currency: params.currency ?? null, duration: params.duration ?? 'once', livemode: false },
      ...{ duration_in_months: params.duration_in_months ?? null, max_redemptions: params.max_redemptions ?? null },
      ...{ metadata: mergeMetadata({}, params.metadata), name: params.name ?? null },
      ...{ percent_off: params.percent_off ?? null, redeem_by: params.redeem_by ?? null, times_redeemed: 0 },
      ...(params.applies_to && { applies_to: params.applies_to }),
      valid: true,
    };
    world.tables.coupons.add(coupon);
    world.emit('coupon.created', coupon);
    return coupon;
  }),
  route('GET', '/v1/coupons/:id', {}, ({ world, id }) => world.tables.coupons.find(id)),
  route('POST', '/v1/coupons/:id', { metadata, name: emptyable(text) }, ({ world, params, id }) => {
    const coupon = world.tables.coupons.find(id);
    return world.change(coupon, 'coupon.updated', () => {
      assignGiven(coupon, { name: params.name });
      if (params.metadata !== undefined) coupon.metadata = mergeMetadata(coupon.metadata, params.metadata);
    });
  }),
  route('DELETE', '/v1/coupons/:id', {}, ({ world, id }) => {
    const coupon = world.tables.coupons.find(id);
    world.tables.coupons.delete(id);
    world.emit('coupon.deleted', { ...coupon, valid: false });
    return { id, object: 'coupon', deleted: true };
  }),
  listRoute('/v1/coupons', { created: range }, ({ world, params }) =>
    world.tables.coupons.newestFirst().filter((coupon) => isInRange(coupon.created, params.created)),
  ),
];
