import type { World } from '../core/world';
import type { Subscription } from '../wire';

const daySeconds = 86_400;

export function isLive({ status }: Subscription): boolean {
  return ['trialing', 'active', 'past_due', 'unpaid'].includes(status);
}

/** Whether the subscription counts at all: it may be paused, or wait for its first payment. */
export function isOngoing(subscription: Subscription): boolean {
  return isLive(subscription) || subscription.status === 'incomplete' || subscription.status === 'paused';
}

export function periodEndOf({ items }: Subscription): number {
  return Math.max(...items.data.map((item) => item.current_period_end));
}

export function nextRenewalOf({ items }: Subscription): number {
  return Math.min(...items.data.map((item) => item.current_period_end));
}

/** Either spelling of a cancellation that is planned. */
export function endsAt(subscription: Subscription): number | null {
  return subscription.cancel_at ?? (subscription.cancel_at_period_end ? periodEndOf(subscription) : null);
}

/** Plans what a subscription does by itself next. */
export function planAhead(world: World, subscription: Subscription): void {
  const { agenda } = world.clockOf(subscription.customer);
  const { id, trial_end: trialEnd, status } = subscription;
  const plan = (kind: Parameters<typeof agenda.set>[0], at: number | null) => {
    if (at === null) agenda.clear(kind, id);
    else agenda.set(kind, id, at);
  };
  const lives = isLive(subscription);
  plan('subscription.renew', lives ? nextRenewalOf(subscription) : null);
  plan('subscription.cancel', lives ? endsAt(subscription) : null);
  plan('subscription.pending_items', lives ? subscription.next_pending_invoice_item_invoice : null);
  plan(
    'subscription.trial_will_end',
    status === 'trialing' && trialEnd !== null ? warningAt(world, subscription, trialEnd) : null,
  );
  plan('subscription.resume_collection', lives ? (subscription.pause_collection?.resumes_at ?? null) : null);
}

/** Three days before the end, once. A shorter trial is announced at once. */
function warningAt(world: World, subscription: Subscription, trialEnd: number): number | null {
  if (world.internal.trialWarnings.get(`${subscription.id} ${trialEnd}`) !== undefined) return null;
  return Math.max(world.now(subscription.customer), trialEnd - 3 * daySeconds);
}
