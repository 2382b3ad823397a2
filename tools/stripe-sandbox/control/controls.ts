import { z } from 'zod';
import { finishAuthentication, settlePayment } from '../billing/collection';
import { completeCheckout, messageOf } from '../billing/complete-checkout';
import { noSuch } from '../core/errors';
import type { World } from '../core/world';
import { faultSchema } from '../http/faults';
import { advance, addTestClock } from '../resources/test-clocks';
import { addEndpoint, rollSecret } from '../resources/webhook-endpoints';
import type { PaymentIntent } from '../wire';
import type { Sandbox } from '../sandbox';
import { ruleSchema } from '../webhooks/rules';

/** A control of the sandbox: what a request must hold, and what it does. */
export interface Control {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly run: (sandbox: Sandbox, body: unknown, id: string) => object | Promise<object>;
}

function control<S extends z.ZodType>(
  method: Control['method'],
  path: string,
  schema: S,
  run: (sandbox: Sandbox, body: z.output<S>, id: string) => object | Promise<object>,
): Control {
  return { method, path, run: (sandbox, body, id) => run(sandbox, schema.parse(body), id) };
}

const none = z.unknown();
const done = { ok: true };

export const settingsSchema = z.strictObject({
  afterLastRetry: z.enum(['cancel', 'unpaid', 'past_due', 'pause']).optional(),
  settlementDays: z.int().min(0).max(30).optional(),
});

/** A span by which a clock moves, or the moment to which it moves. */
export const advanceSchema = z.union([
  z.strictObject({ seconds: z.int().positive() }),
  z.strictObject({ to: z.int().positive() }),
]);

export const endpointSchema = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  events: z.array(z.string()).min(1).default(['*']),
  secret: z.string().startsWith('whsec_').optional(),
});

function intentFor(world: World, id: string): PaymentIntent {
  const intent = world.tables.paymentIntents.get(id);
  if (intent === undefined) throw noSuch('payment_intent', id);
  return intent;
}

async function advanceClock(sandbox: Sandbox, id: string, wanted: z.output<typeof advanceSchema>): Promise<object> {
  const clock = sandbox.world.tables.testClocks.find(id);
  const target = 'to' in wanted ? wanted.to : clock.frozen_time + wanted.seconds;
  advance(sandbox.world, id, target);
  while (clock.status === 'advancing') await new Promise((resolve) => setImmediate(resolve));
  await sandbox.deliveries.idle();
  return { id, status: clock.status, now: clock.frozen_time };
}

const clockControls: readonly Control[] = [
  control('GET', '/clocks', none, ({ world }) => ({
    clocks: world.tables.testClocks
      .newestFirst()
      .map(({ id, name, status, frozen_time }) => ({ id, name, status, now: frozen_time })),
  })),
  control(
    'POST',
    '/clocks',
    z.strictObject({ id: z.string().regex(/^clock_\w+$/), now: z.int() }),
    ({ world }, { id, now }) => {
      const clock = world.tables.testClocks.get(id) ?? addTestClock(world, now, null, id);
      return { id, status: clock.status, now: clock.frozen_time };
    },
  ),
  control('POST', '/clocks/:id/advance', advanceSchema, (sandbox, wanted, id) => advanceClock(sandbox, id, wanted)),
];

const deliveryControls: readonly Control[] = [
  control('GET', '/deliveries', none, ({ deliveries }) => ({ deliveries: deliveries.list() })),
  control('POST', '/deliveries/idle', none, async ({ deliveries }) => {
    await deliveries.idle();
    return done;
  }),
  control('POST', '/deliveries/release', none, ({ deliveries }) => {
    deliveries.release();
    return done;
  }),
  control('POST', '/deliveries/:id/resend', none, ({ deliveries }, _body, id) => {
    if (!deliveries.resend(id)) throw noSuch('delivery', id);
    return done;
  }),
  control('POST', '/events/:id/resend', none, ({ deliveries }, _body, id) => ({ resent: deliveries.resendEvent(id) })),
  control('POST', '/events/:id/reissue', none, ({ world }, _body, id) => {
    const event = world.events.reissue(id);
    if (event === undefined) throw noSuch('event', id);
    return { id: event.id };
  }),
  control('POST', '/rules', ruleSchema, ({ deliveries }, rule) => {
    deliveries.rules.add(rule);
    return done;
  }),
  control('DELETE', '/rules', none, ({ deliveries }) => {
    deliveries.rules.clear();
    return done;
  }),
];

/** What the customer types into the checkout page. */
export const checkoutSchema = z.strictObject({
  card: z.string().optional(),
  agrees: z.boolean().optional(),
  country: z.string().length(2).optional(),
  promotionCode: z.string().optional(),
});

function submitCheckout({ world }: Sandbox, form: z.output<typeof checkoutSchema>, id: string) {
  const session = world.tables.checkoutSessions.find(id);
  try {
    return { status: completeCheckout(world, session, form).status, error: null };
  } catch (error) {
    return { status: session.status, error: messageOf(error) };
  }
}

export const controls: readonly Control[] = [
  ...clockControls,
  ...deliveryControls,
  control('POST', '/endpoints', endpointSchema, ({ world }, { url, events, secret }) => {
    const { id, secret: made } = addEndpoint(world, { url, events, ...(secret !== undefined && { secret }) });
    return { id, secret: made };
  }),
  control('POST', '/endpoints/:id/roll', none, ({ world }, _body, id) => ({ secret: rollSecret(world, id) })),
  control('GET', '/faults', none, ({ faults }) => ({ faults: faults.pending() })),
  control('POST', '/faults', faultSchema, ({ faults }, fault) => {
    faults.add(fault);
    return done;
  }),
  control('DELETE', '/faults', none, ({ faults }) => {
    faults.clear();
    return done;
  }),
  control('POST', '/checkouts/:id/submit', checkoutSchema, submitCheckout),
  control('POST', '/settings', settingsSchema, ({ world }, { afterLastRetry, settlementDays }) => {
    if (afterLastRetry !== undefined) world.settings.afterLastRetry = afterLastRetry;
    if (settlementDays !== undefined) world.settings.settlementDays = settlementDays;
    return world.settings;
  }),
  control(
    'POST',
    '/payments/:id/settle',
    z.strictObject({ succeeds: z.boolean().optional() }),
    ({ world }, { succeeds }, id) => {
      settlePayment(world, intentFor(world, id), succeeds);
      return done;
    },
  ),
  control(
    'POST',
    '/payments/:id/authenticate',
    z.strictObject({ agrees: z.boolean() }),
    ({ world }, { agrees }, id) => {
      finishAuthentication(world, intentFor(world, id), agrees);
      return done;
    },
  ),
];
