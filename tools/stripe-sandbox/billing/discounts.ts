import { invalid } from '../core/errors';
import { newId } from '../core/ids';
import type { World } from '../core/world';
import type { Coupon, Customer, Discount, PromotionCode } from '../wire';
import { stepFrom } from './calendar';
import { allocate, rounded } from './money';

export interface DiscountParam {
  readonly coupon?: string | undefined;
  readonly promotion_code?: string | undefined;
  readonly discount?: string | undefined;
}

export interface DiscountOwner {
  readonly customer: Customer;
  readonly subscription: string | null;
  readonly currency: string;
  readonly session: string | null;
}

/** Redeems coupons and promotion codes. @returns the ids of the discounts */
export function redeem(world: World, params: readonly DiscountParam[], owner: DiscountOwner): string[] {
  return params.map((param, index) => redeemOne(world, param, owner, `discounts[${index}]`));
}

function redeemOne(world: World, param: DiscountParam, owner: DiscountOwner, name: string): string {
  if (param.discount !== undefined) return world.tables.discounts.named(param.discount, name).id;
  const promotion =
    param.promotion_code === undefined
      ? undefined
      : world.tables.promotionCodes.named(param.promotion_code, `${name}[promotion_code]`);
  const coupon = world.tables.coupons.named(promotion?.promotion.coupon ?? param.coupon ?? '', `${name}[coupon]`);
  checkCoupon(world, coupon, owner);
  if (promotion !== undefined) checkPromotion(world, promotion, owner);
  const now = world.now(owner.customer.id);
  const months = coupon.duration === 'repeating' ? (coupon.duration_in_months ?? 0) : 0;
  const discount: Discount = {
    ...{ id: newId('di'), object: 'discount', checkout_session: owner.session, customer: owner.customer.id },
    ...{ customer_account: null, end: months === 0 ? null : stepFrom(now, { unit: 'month', count: 1 }, months) },
    ...{ invoice: null, invoice_item: null, promotion_code: promotion?.id ?? null },
    ...{ source: { coupon: coupon.id, type: 'coupon' }, start: now },
    ...{ subscription: owner.subscription, subscription_item: null },
  };
  world.tables.discounts.add(discount);
  count(coupon, promotion);
  world.emit('customer.discount.created', discount);
  return discount.id;
}

function count(coupon: Coupon, promotion: PromotionCode | undefined): void {
  coupon.times_redeemed += 1;
  if (coupon.times_redeemed === coupon.max_redemptions) coupon.valid = false;
  if (promotion === undefined) return;
  promotion.times_redeemed += 1;
  if (promotion.times_redeemed === promotion.max_redemptions) promotion.active = false;
}

export function checkCoupon(
  world: World,
  coupon: Coupon,
  { customer, currency }: Omit<DiscountOwner, 'subscription' | 'session'>,
): void {
  const isOver = coupon.redeem_by !== null && coupon.redeem_by <= world.now(customer.id);
  if (!coupon.valid || isOver)
    throw invalid(`Coupon expired: ${coupon.id}`, { code: 'coupon_expired', param: 'coupon' });
  if (coupon.currency !== null && coupon.currency !== currency) {
    throw invalid(`The coupon ${coupon.id} is in ${coupon.currency}, and the subscription in ${currency}.`);
  }
}

export function checkPromotion(world: World, promotion: PromotionCode, owner: Pick<DiscountOwner, 'customer'>): void {
  const { customer } = owner;
  const isOver = promotion.expires_at !== null && promotion.expires_at <= world.now(customer.id);
  if (!promotion.active || isOver) throw invalid('This promotion code is not active.', { param: 'promotion_code' });
  if (promotion.customer !== null && promotion.customer !== customer.id) {
    throw invalid('This promotion code belongs to another customer.', { param: 'promotion_code' });
  }
  const hasPaid = world.tables.invoices.of(customer.id).some(({ amount_paid }) => amount_paid > 0);
  if (promotion.restrictions.first_time_transaction && hasPaid) {
    throw invalid('This promotion code is for customers without earlier payments.', { param: 'promotion_code' });
  }
}

export interface Discountable {
  readonly amount: number;
  readonly product: string;
}

export interface DiscountShare {
  readonly discount: string;
  /** What it takes off each line. */
  readonly amounts: readonly number[];
}

/** Distributes discounts over lines, one discount after the other. */
export function discountShares(world: World, ids: readonly string[], lines: readonly Discountable[]): DiscountShare[] {
  let left = lines.map(({ amount }) => amount);
  return ids.flatMap((id) => {
    const coupon = world.tables.coupons.get(world.tables.discounts.get(id)?.source.coupon ?? '');
    if (coupon === undefined) return [];
    const applies = lines.map(({ product }) => coupon.applies_to?.products.includes(product) ?? true);
    const bases = left.map((amount, index) => (applies[index] === true && amount > 0 ? amount : 0));
    const amounts = amountsOff(coupon, bases);
    left = left.map((amount, index) => amount - (amounts[index] ?? 0));
    return [{ discount: id, amounts }];
  });
}

function amountsOff({ percent_off: percent, amount_off: amount }: Coupon, bases: readonly number[]): number[] {
  if (percent !== null) return bases.map((base) => rounded((base * percent) / 100));
  const sum = bases.reduce((a, b) => a + b, 0);
  return allocate(Math.min(amount ?? 0, sum), bases);
}

/** The discounts of a subscription that apply at a moment. */
export function validDiscounts(world: World, ids: readonly string[], now: number): string[] {
  return ids.filter((id) => {
    const end = world.tables.discounts.get(id)?.end;
    return end === null || (end !== undefined && end > now);
  });
}

/** What stays on a subscription after an invoice used its discounts: a coupon for `once` is used up. */
export function afterUse(world: World, ids: readonly string[]): string[] {
  return ids.filter((id) => {
    const coupon = world.tables.coupons.get(world.tables.discounts.get(id)?.source.coupon ?? '');
    return coupon !== undefined && coupon.duration !== 'once';
  });
}
