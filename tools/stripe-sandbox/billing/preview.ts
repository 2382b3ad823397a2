import { invalid } from '../core/errors';
import { copyOf } from '../core/json';
import type { DraftLine } from '../core/tables';
import type { World } from '../core/world';
import type { PreviewDetails } from '../resources/subscription-params';
import type { Invoice, Subscription } from '../wire';
import { isOngoing, nextRenewalOf } from './agenda-of';
import { periodAt } from './calendar';
import { planChange, type ItemChange } from './change-plan';
import { trialEndOf } from './create-subscription';
import { validDiscounts, type DiscountParam } from './discounts';
import { buildInvoice, customerOf } from './invoices';
import { intervalOf, regularLine } from './items';
import { draftSubscription, type NewItem } from './subscription-draft';
import { pendingLines } from './subscription-invoices';
import { requestOf } from './update-subscription';

export interface PreviewParams {
  readonly customer?: string | undefined;
  readonly subscription?: string | undefined;
  readonly schedule?: string | undefined;
  readonly automatic_tax?: { readonly enabled: boolean } | undefined;
  readonly discounts?: readonly DiscountParam[] | null | undefined;
  readonly subscription_details?: PreviewDetails;
}

/** What the next invoice will be, or the one that a change would make. Nothing is stored. */
export function previewInvoice(world: World, params: PreviewParams): Invoice {
  const id = params.subscription ?? world.tables.schedules.get(params.schedule ?? '')?.subscription ?? undefined;
  if (id === undefined) return previewNew(world, params);
  const subscription = copyOf(world.tables.subscriptions.named(id, 'subscription'));
  if (!isOngoing(subscription)) throw noUpcoming(subscription.customer);
  const {
    items = [],
    billing_cycle_anchor: anchor,
    trial_end: trialEnd,
    ...details
  } = params.subscription_details ?? {};
  const resets = anchor?.type === 'now';
  const proration = details.proration_behavior ?? 'create_prorations';
  if (items.length === 0 && !resets && trialEnd === undefined) return upcoming(world, subscription, [], details);
  const change = { items, proration, prorationDate: details.proration_date, resets, trialEnd } as const;
  const request = requestOf(world, subscription, { ...change, behavior: 'allow_incomplete', offSession: false });
  const plan = planChange(world, subscription, request);
  subscription.items.data = plan.items;
  subscription.billing_cycle_anchor = plan.anchor;
  const billsNow = request.resets || proration === 'always_invoice';
  if (!billsNow) return upcoming(world, subscription, plan.lines, details);
  const period = { start: request.at, end: request.at };
  return build(world, subscription, [...pendingLines(world, subscription), ...plan.lines], period);
}

function upcoming(
  world: World,
  subscription: Subscription,
  changes: readonly DraftLine[],
  { cancel_at_period_end: ends }: { readonly cancel_at_period_end?: boolean | undefined },
): Invoice {
  const waiting = [...pendingLines(world, subscription), ...changes];
  const isEnding = ends ?? (subscription.cancel_at !== null || subscription.cancel_at_period_end);
  const at = nextRenewalOf(subscription);
  if (isEnding && waiting.length === 0) throw noUpcoming(subscription.customer);
  const due = isEnding ? [] : subscription.items.data.filter((item) => item.current_period_end === at);
  const lines = due.map((item) =>
    regularLine(world, item, periodAt(subscription.billing_cycle_anchor, intervalOf(item.price), at)),
  );
  const [first] = subscription.items.data;
  const start = first?.current_period_start ?? at;
  return { ...build(world, subscription, [...waiting, ...lines], { start, end: at }), created: at };
}

function build(
  world: World,
  subscription: Subscription,
  lines: readonly DraftLine[],
  period: { start: number; end: number },
): Invoice {
  const customer = customerOf(world, subscription);
  const discounts = validDiscounts(world, subscription.discounts, world.now(customer.id));
  const invoice = buildInvoice(world, { customer, subscription, reason: 'upcoming', lines, discounts, period });
  const due = Math.max(0, invoice.total + customer.balance);
  const amounts = {
    starting_balance: customer.balance,
    amount_due: invoice.total < 0 ? 0 : due,
    amount_remaining: due,
  };
  return { ...invoice, ...amounts, id: `upcoming_${invoice.id}` };
}

/** For a subscription that does not exist yet. */
function previewNew(world: World, params: PreviewParams): Invoice {
  if (params.customer === undefined)
    throw invalid('Missing required param: customer.', { code: 'parameter_missing', param: 'customer' });
  const customer = world.tables.customers.named(params.customer, 'customer');
  const { items = [], trial_end: trialEnd, billing_mode: mode } = params.subscription_details ?? {};
  const options = {
    customer,
    items: newItems(items),
    prorates: true,
    mode: mode?.type ?? 'flexible',
    discounts: [],
  } as const;
  const { subscription, lines } = draftSubscription(world, {
    ...options,
    trialEnd: trialEndOf(world, { customer, trialEnd, trialDays: undefined }),
  });
  if ((params.discounts ?? []).length > 0) {
    throw invalid('The sandbox previews discounts of existing subscriptions only.', { param: 'discounts' });
  }
  subscription.automatic_tax.enabled = params.automatic_tax?.enabled ?? false;
  const now = world.now(customer.id);
  return build(world, subscription, lines, { start: now, end: now });
}

function newItems(items: readonly ItemChange[]): NewItem[] {
  return items.map(({ price, quantity }, index) => {
    const param = `subscription_details[items][${index}][price]`;
    if (price === undefined) throw invalid(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
    return { price, quantity };
  });
}

function noUpcoming(customer: string) {
  return invalid(`No upcoming invoices for customer: ${customer}`, { code: 'invoice_upcoming_none' });
}
