import { invalid } from '../core/errors';
import { assignGiven, mergeMetadata } from '../core/json';
import type { World } from '../core/world';
import { isOngoing, nextRenewalOf, periodEndOf } from '../billing/agenda-of';
import { ownMethod } from '../billing/create-subscription';
import { redeem } from '../billing/discounts';
import { customerOf } from '../billing/invoices';
import { planPendingItems } from '../billing/lifecycle';
import type { Subscription } from '../wire';
import type { Changes, Creation } from './subscription-params';

type Shared = Pick<
  Changes,
  | 'automatic_tax'
  | 'cancel_at'
  | 'cancel_at_period_end'
  | 'default_payment_method'
  | 'description'
  | 'metadata'
  | 'payment_settings'
  | 'pending_invoice_item_interval'
  | 'trial_settings'
>;

/** Copies what creating and updating have in common. */
export function setFields(world: World, subscription: Subscription, given: Shared | Creation): void {
  const { automatic_tax: tax, description, metadata, payment_settings: payment } = given;
  const { pending_invoice_item_interval: interval, trial_settings: trial } = given;
  assignGiven(subscription, { description });
  if (metadata !== undefined) subscription.metadata = mergeMetadata(subscription.metadata, metadata);
  if (tax !== undefined) {
    const liability = tax.enabled ? { type: 'self' } : null;
    subscription.automatic_tax = { disabled_reason: null, enabled: tax.enabled, liability };
  }
  if (given.default_payment_method === '') subscription.default_payment_method = null;
  else if (given.default_payment_method !== undefined) {
    subscription.default_payment_method = ownMethod(world, subscription.customer, given.default_payment_method).id;
  }
  if (payment?.save_default_payment_method !== undefined && subscription.payment_settings !== null) {
    const { save_default_payment_method } = payment;
    subscription.payment_settings = { ...subscription.payment_settings, save_default_payment_method };
  }
  if (interval !== undefined) {
    const { interval: unit, interval_count = 1 } = interval ?? { interval: 'month' as const };
    subscription.pending_invoice_item_interval = interval === null ? null : { interval: unit, interval_count };
    planPendingItems(subscription, world.now(subscription.customer));
  }
  if (trial !== undefined) {
    const { missing_payment_method } = trial.end_behavior;
    subscription.trial_settings = { end_behavior: { billing_cycle_anchor: null, missing_payment_method } };
  }
  setEnd(world, subscription, given);
}

/** Stripe has two spellings for a planned cancellation, and refuses both at once. */
function setEnd(
  world: World,
  subscription: Subscription,
  given: Pick<Shared, 'cancel_at' | 'cancel_at_period_end'>,
): void {
  const { cancel_at: at, cancel_at_period_end: atPeriodEnd } = given;
  if (at === undefined && atPeriodEnd === undefined) return;
  if (at !== undefined && atPeriodEnd !== undefined) {
    throw invalid('You may only specify one of these parameters: cancel_at, cancel_at_period_end.', {
      param: 'cancel_at',
    });
  }
  if (subscription.schedule !== null) {
    throw invalid(
      `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation ` +
        'behavior directly is not allowed. Please update the schedule instead.',
    );
  }
  const now = world.now(subscription.customer);
  if (atPeriodEnd !== undefined) {
    subscription.cancel_at_period_end = atPeriodEnd;
    subscription.cancel_at = atPeriodEnd ? periodEndOf(subscription) : null;
  }
  if (at !== undefined) subscription.cancel_at = cancelTime(subscription, at, now);
  if (at !== undefined) subscription.cancel_at_period_end = false;
  const isPlanned = subscription.cancel_at !== null;
  subscription.canceled_at = isPlanned ? now : null;
  const details = { comment: null, feedback: null, feedback_option: null, ...subscription.cancellation_details };
  subscription.cancellation_details = { ...details, reason: isPlanned ? 'cancellation_requested' : null };
}

function cancelTime(subscription: Subscription, at: number | string | null, now: number): number | null {
  if (at === null) return null;
  if (at === 'min_period_end') return nextRenewalOf(subscription);
  if (at === 'max_period_end') return periodEndOf(subscription);
  if (typeof at === 'number' && at > now) return at;
  throw invalid('cancel_at must be in the future.', { param: 'cancel_at' });
}

/** Fields that only an update has. */
export function setChanges(world: World, subscription: Subscription, given: Changes): void {
  if (!isOngoing(subscription)) return setAfterEnd(subscription, given);
  setFields(world, subscription, given);
  const { pause_collection: pause, cancellation_details: details, discounts } = given;
  if (pause !== undefined) {
    subscription.pause_collection =
      pause === null ? null : { behavior: pause.behavior, resumes_at: pause.resumes_at ?? null };
  }
  if (details !== undefined) setDetails(subscription, details);
  if (discounts !== undefined) {
    const owner = { customer: customerOf(world, subscription), subscription: subscription.id, session: null };
    subscription.discounts = redeem(world, discounts ?? [], { ...owner, currency: subscription.currency });
  }
}

function setDetails(subscription: Subscription, given: NonNullable<Changes['cancellation_details']>): void {
  const details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: null,
    ...subscription.cancellation_details,
  };
  assignGiven(details, given);
  subscription.cancellation_details = details;
}

function setAfterEnd(subscription: Subscription, { cancellation_details: details, metadata, ...rest }: Changes): void {
  if (Object.values(rest).some((value) => value !== undefined)) {
    throw invalid('A canceled subscription can only update its cancellation_details and metadata.', {
      code: 'invalid_canceled_subscription_fields',
    });
  }
  if (details !== undefined) setDetails(subscription, details);
  if (metadata !== undefined) subscription.metadata = mergeMetadata(subscription.metadata, metadata);
}
