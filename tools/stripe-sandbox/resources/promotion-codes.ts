import { z } from 'zod';
import { invalid } from '../core/errors';
import { newId, randomText } from '../core/ids';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { currency, flag, isInRange, metadata, natural, range, text, time } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { PromotionCode } from '../wire';

const restrictions = z.strictObject({
  first_time_transaction: flag.optional(),
  minimum_amount: natural.optional(),
  minimum_amount_currency: currency.optional(),
});

const creation = {
  active: flag.optional(),
  code: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,500}$/, 'must have letters, digits, and dashes only')
    .optional(),
  customer: text.optional(),
  expires_at: time.optional(),
  max_redemptions: natural.optional(),
  metadata,
  promotion: z.strictObject({ type: z.literal('coupon'), coupon: text }),
  restrictions: restrictions.optional(),
};

function create(world: World, params: z.output<z.ZodObject<typeof creation>>): PromotionCode {
  const coupon = world.tables.coupons.named(params.promotion.coupon, 'promotion[coupon]');
  const code = params.code ?? randomText(8).toUpperCase();
  if (findCode(world, code) !== undefined)
    throw invalid(`An active promotion code with \`code: ${code}\` already exists.`);
  const { first_time_transaction = false, minimum_amount, minimum_amount_currency } = params.restrictions ?? {};
  const promotion: PromotionCode = {
    ...{ id: newId('promo'), object: 'promotion_code', active: params.active ?? true, code },
    ...{ created: world.realClock.now(), customer: params.customer ?? null, customer_account: null },
    ...{ expires_at: params.expires_at ?? null, livemode: false, max_redemptions: params.max_redemptions ?? null },
    ...{ metadata: mergeMetadata({}, params.metadata), promotion: { coupon: coupon.id, type: 'coupon' } },
    restrictions: {
      ...{ first_time_transaction, minimum_amount: minimum_amount ?? null },
      minimum_amount_currency: minimum_amount_currency ?? null,
    },
    times_redeemed: 0,
  };
  world.tables.promotionCodes.add(promotion);
  world.emit('promotion_code.created', promotion);
  return promotion;
}

/** The active promotion code that customers type, in any case. */
export function findCode(world: World, code: string): PromotionCode | undefined {
  const wanted = code.toLowerCase();
  return world.tables.promotionCodes
    .newestFirst()
    .find((promotion) => promotion.active && promotion.code.toLowerCase() === wanted);
}

export const promotionCodeRoutes: readonly Route[] = [
  route('POST', '/v1/promotion_codes', creation, ({ world, params }) => create(world, params)),
  route('GET', '/v1/promotion_codes/:id', {}, ({ world, id }) => world.tables.promotionCodes.find(id)),
  route('POST', '/v1/promotion_codes/:id', { active: flag.optional(), metadata }, ({ world, params, id }) => {
    const promotion = world.tables.promotionCodes.find(id);
    return world.change(promotion, 'promotion_code.updated', () => {
      assignGiven(promotion, { active: params.active });
      if (params.metadata !== undefined) promotion.metadata = mergeMetadata(promotion.metadata, params.metadata);
    });
  }),
  listRoute(
    '/v1/promotion_codes',
    {
      active: flag.optional(),
      code: text.optional(),
      coupon: text.optional(),
      customer: text.optional(),
      created: range,
    },
    ({ world, params: { active, code, coupon, customer, created } }) =>
      world.tables.promotionCodes
        .newestFirst()
        .filter((promotion) => isInRange(promotion.created, created))
        .filter((promotion) => active === undefined || promotion.active === active)
        .filter((promotion) => code === undefined || promotion.code.toLowerCase() === code.toLowerCase())
        .filter((promotion) => coupon === undefined || promotion.promotion.coupon === coupon)
        .filter((promotion) => customer === undefined || promotion.customer === customer),
  ),
];
