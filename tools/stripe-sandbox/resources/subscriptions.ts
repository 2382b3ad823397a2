import { z } from 'zod';
import { invalid } from '../core/errors';
import { copyOf } from '../core/json';
import type { World } from '../core/world';
import { isOngoing, planAhead } from '../billing/agenda-of';
import { createSubscription } from '../billing/create-subscription';
import { cancelNow } from '../billing/lifecycle';
import { changeSubscription, resumeSubscription } from '../billing/update-subscription';
import { flag, isInRange, range, text } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { Subscription } from '../wire';
import { setChanges, setFields } from './subscription-fields';
import { cancellationDetails, changes, creation, resumption, type Changes, type Creation } from './subscription-params';

function create(world: World, params: Creation): Subscription {
  const customer = world.tables.customers.named(params.customer, 'customer');
  const fromPlan =
    params.trial_from_plan === true ? world.tables.prices.get(params.items[0]?.price ?? '')?.recurring : null;
  return createSubscription(world, {
    ...{ customer, items: params.items, trialEnd: params.trial_end, anchor: params.billing_cycle_anchor },
    trialDays: params.trial_period_days ?? fromPlan?.trial_period_days ?? undefined,
    ...{ prorates: params.proration_behavior !== 'none', mode: params.billing_mode?.type ?? 'flexible' },
    ...{ discounts: params.discounts ?? [], session: null, behavior: params.payment_behavior ?? 'allow_incomplete' },
    offSession: params.off_session ?? false,
    set: (subscription) => setFields(world, subscription, params),
  });
}

/** What an update with `pending_if_incomplete` may not change along: https://docs.stripe.com/billing/subscriptions/pending-updates-reference */
const notPending = [
  'metadata',
  'default_payment_method',
  'cancel_at',
  'discounts',
  'pause_collection',
  'description',
] as const;

function checkPending(params: Changes): void {
  if (params.payment_behavior !== 'pending_if_incomplete') return;
  const other = notPending.find((name) => params[name] !== undefined);
  if (other === undefined) return;
  throw invalid(`You cannot update ${other} with payment_behavior pending_if_incomplete.`, { param: other });
}

function update(world: World, subscription: Subscription, params: Changes): Subscription {
  checkPending(params);
  const before = copyOf(subscription);
  try {
    return world.change(subscription, 'customer.subscription.updated', () => {
      setChanges(world, subscription, params);
      const { items = [], billing_cycle_anchor: anchor, trial_end: trialEnd } = params;
      const resets = anchor?.type === 'now';
      if (items.length > 0 || resets || trialEnd !== undefined) {
        changeSubscription(world, subscription, {
          ...{ items, resets, trialEnd, behavior: params.payment_behavior ?? 'allow_incomplete' },
          ...{ proration: params.proration_behavior ?? 'create_prorations', prorationDate: params.proration_date },
          offSession: params.off_session ?? false,
        });
      }
      // With the old spelling, the end follows the period.
      planAhead(world, subscription);
    });
  } catch (error) {
    Object.assign(subscription, before);
    throw error;
  }
}

function find(world: World, id: string): Subscription {
  return world.tables.subscriptions.find(id);
}

const statuses = z.enum([
  'active',
  'all',
  'canceled',
  'ended',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
]);

const filters = {
  created: range,
  current_period_end: range,
  current_period_start: range,
  customer: text.optional(),
  price: text.optional(),
  status: statuses.optional(),
  test_clock: text.optional(),
};

type Filters = z.output<z.ZodObject<typeof filters>>;

function hasStatus({ status }: Subscription, wanted: string | undefined): boolean {
  if (wanted === 'all') return true;
  if (wanted === undefined) return status !== 'canceled';
  if (wanted === 'ended') return status === 'canceled' || status === 'incomplete_expired';
  return status === wanted;
}

function matches(subscription: Subscription, wanted: Filters): boolean {
  const items = subscription.items.data;
  return [
    isInRange(subscription.created, wanted.created),
    hasStatus(subscription, wanted.status),
    wanted.price === undefined || items.some(({ price }) => price.id === wanted.price),
    items.some((item) => isInRange(item.current_period_end, wanted.current_period_end)),
    items.some((item) => isInRange(item.current_period_start, wanted.current_period_start)),
    wanted.customer !== undefined || subscription.test_clock === (wanted.test_clock ?? null),
  ].every(Boolean);
}

export const subscriptionRoutes: readonly Route[] = [
  route('POST', '/v1/subscriptions', creation, ({ world, params }) => create(world, params)),
  route('GET', '/v1/subscriptions/:id', {}, ({ world, id }) => find(world, id)),
  route('POST', '/v1/subscriptions/:id', changes, ({ world, params, id }) => update(world, find(world, id), params)),
  route('POST', '/v1/subscriptions/:id/resume', resumption, ({ world, id }) =>
    resumeSubscription(world, find(world, id), false),
  ),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    { cancellation_details: cancellationDetails, invoice_now: flag.optional(), prorate: flag.optional() },
    ({ world, params: { cancellation_details: details, invoice_now: invoicesNow, prorate: prorates }, id }) => {
      const subscription = find(world, id);
      if (!isOngoing(subscription)) {
        throw invalid(`No such subscription: '${id}'`, { code: 'resource_missing', param: 'id' });
      }
      return cancelNow(world, subscription, { ...details, invoicesNow, prorates });
    },
  ),
  listRoute('/v1/subscriptions', filters, ({ world, params }) => {
    const { customer } = params;
    const all =
      customer === undefined ? world.tables.subscriptions.newestFirst() : world.tables.subscriptions.of(customer);
    return all.filter((subscription) => matches(subscription, params));
  }),
  listRoute(
    '/v1/subscription_items',
    { subscription: text },
    ({ world, params }) => world.tables.subscriptions.named(params.subscription, 'subscription').items.data,
  ),
];
