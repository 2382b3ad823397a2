import { FrozenClock } from '../core/clocks';
import { StripeError, invalid } from '../core/errors';
import { newId } from '../core/ids';
import type { World } from '../core/world';
import { text, time } from '../http/params';
import { listRoute, route, type Route } from '../http/route';
import type { TestClock } from '../wire';

const daySeconds = 86_400;
/** How long the clock may keep the process busy before requests are answered in between. */
const sliceMs = 10;

export function addTestClock(world: World, frozenTime: number, name: string | null, id = newId('clock')): TestClock {
  const clock: TestClock = {
    ...{ id, object: 'test_helpers.test_clock', created: world.realClock.now(), frozen_time: frozenTime },
    ...{ deletes_after: world.realClock.now() + 30 * daySeconds, livemode: false, name },
    ...{ status: 'ready', status_details: {} },
  };
  world.frozenClocks.set(id, new FrozenClock(frozenTime));
  world.tables.testClocks.add(clock);
  world.emit('test_helpers.test_clock.created', clock);
  return clock;
}

/** Starts to advance, as Stripe does: the clock is `ready` again when everything that was due has happened. */
export function advance(world: World, id: string, target: number): TestClock {
  const clock = world.tables.testClocks.find(id);
  if (clock.status === 'advancing') {
    const message = 'Test clock advancement underway - cannot perform modifications.';
    throw new StripeError(429, { type: 'invalid_request_error', code: 'lock_timeout', message });
  }
  if (target <= clock.frozen_time) {
    throw invalid('Cannot advance a test clock to a time in the past.', { param: 'frozen_time' });
  }
  clock.status = 'advancing';
  clock.status_details = { advancing: { target_frozen_time: target } };
  world.emit('test_helpers.test_clock.advancing', clock);
  setImmediate(() => goOn(world, clock, target));
  return clock;
}

function goOn(world: World, clock: TestClock, target: number): void {
  const frozen = world.frozenClocks.get(clock.id);
  if (frozen === undefined) return;
  const until = performance.now() + sliceMs;
  try {
    for (let task = frozen.next(target); task !== undefined; task = frozen.next(target)) {
      clock.frozen_time = frozen.now();
      world.run(task);
      if (performance.now() > until) return void setImmediate(() => goOn(world, clock, target));
    }
    finish(world, clock, target, 'ready');
  } catch (error) {
    // Stripe has this status too. The reason is for the developer.
    console.error(error);
    finish(world, clock, target, 'internal_failure');
  }
}

function finish(world: World, clock: TestClock, target: number, status: 'ready' | 'internal_failure'): void {
  clock.frozen_time = target;
  clock.status = status;
  clock.status_details = {};
  if (status === 'ready') world.emit('test_helpers.test_clock.ready', clock);
  else world.emit('test_helpers.test_clock.internal_failure', clock);
}

function erase(world: World, id: string): object {
  const clock = world.tables.testClocks.find(id);
  for (const customer of world.tables.customers.newestFirst().filter(({ test_clock }) => test_clock === id)) {
    world.tables.customers.delete(customer.id);
    world.internal.tombstones.add({ id: customer.id, object: 'customer' });
  }
  world.emit('test_helpers.test_clock.deleted', clock);
  world.tables.testClocks.delete(id);
  world.frozenClocks.delete(id);
  return { id, object: 'test_helpers.test_clock', deleted: true };
}

const path = '/v1/test_helpers/test_clocks';

export const testClockRoutes: readonly Route[] = [
  route('POST', path, { frozen_time: time, name: text.optional() }, ({ world, params }) =>
    addTestClock(world, params.frozen_time, params.name ?? null),
  ),
  route('GET', `${path}/:id`, {}, ({ world, id }) => world.tables.testClocks.find(id)),
  route('POST', `${path}/:id/advance`, { frozen_time: time }, ({ world, params, id }) =>
    advance(world, id, params.frozen_time),
  ),
  route('DELETE', `${path}/:id`, {}, ({ world, id }) => erase(world, id)),
  listRoute(path, {}, ({ world }) => world.tables.testClocks.newestFirst()),
];
