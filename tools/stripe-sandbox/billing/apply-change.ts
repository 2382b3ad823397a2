import type { World } from '../core/world';
import type { Subscription } from '../wire';
import type { ChangePlan } from './change-plan';

/** Makes a planned change true. */
export function applyChange(world: World, subscription: Subscription, plan: ChangePlan): void {
  for (const { id } of subscription.items.data) world.internal.ledgers.delete(id);
  for (const ledger of plan.ledgers) world.internal.ledgers.add(ledger);
  subscription.items.data = plan.items;
  subscription.billing_cycle_anchor = plan.anchor;
  if (subscription.trial_end === plan.trialEnd) return;
  const now = world.now(subscription.customer);
  const isTrial = plan.trialEnd !== null && plan.trialEnd > now;
  if (isTrial) subscription.trial_start ??= now;
  subscription.trial_end = plan.trialEnd ?? now;
  subscription.status = isTrial ? 'trialing' : subscription.status === 'trialing' ? 'active' : subscription.status;
}
