import type { EventPayload } from '#libs/contracts';
import { execute } from '#libs/database';
import { metrics } from '#libs/observability';
import { eventually } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { Bed } from './fixtures/bed';
import { thingHappened } from './fixtures/contracts';
import { CountingHandler } from './fixtures/handlers';
import { OnEvent, type EventDelivery } from './handlers';

@Injectable()
class HeldHandler {
  static running = 0;
  static hold: Promise<unknown>;

  @OnEvent(thingHappened)
  async record({ label }: EventPayload<typeof thingHappened>, { manager }: EventDelivery): Promise<void> {
    HeldHandler.running++;
    await HeldHandler.hold;
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [label]);
  }
}

let bed: Bed;
beforeEach(async () => {
  HeldHandler.running = 0;
  bed = await Bed.create();
});
afterEach(() => bed.close());

const startHeld = (shutdownTimeoutMs: number) =>
  bed.start({ providers: [HeldHandler], contracts: [thingHappened], shutdownTimeoutMs });
const startCounting = () => bed.start({ providers: [CountingHandler], contracts: [thingHappened] });

it('lets running handlers finish when a service closes', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  HeldHandler.hold = promise;
  const application = await startHeld(20_000);
  await bed.announce(thingHappened, { label: 'a' });
  await eventually(() => HeldHandler.running === 1);
  const closed = application.close();
  resolve('go on');
  await closed;
  expect(await bed.effects()).toEqual({ a: 1 });
});

it('rolls back a handler that does not finish in time, and another replica handles its event', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  HeldHandler.hold = promise;
  const application = await startHeld(100);
  await bed.announce(thingHappened, { label: 'a' });
  await eventually(() => HeldHandler.running === 1);
  await application.close();
  await startCounting();
  await bed.untilEffects({ a: 1 });
  resolve('go on');
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ a: 1 });
});

it('handles an event once, although a second worker gets it while the first still runs', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  HeldHandler.hold = promise;
  await startHeld(20_000);
  const [id] = await bed.announce(thingHappened, { label: 'a' });
  await eventually(() => HeldHandler.running === 1);
  await startCounting();
  // Simulates a process that is frozen for longer than its lock lasts.
  await bed.withRedis((redis) => redis.del(`{groundwork}:billing-events:${id}:lock`));
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
    AND wait_event_type = 'Lock' AND query LIKE 'INSERT INTO inbox%'`;
  await eventually(async () => (await bed.dataSource.query(waiting)).length === 1, { timeoutMs: 60_000 });
  resolve('go on');
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ a: 1 });
});

it('starts while Redis is down, and works when it is back', async () => {
  await bed.redis.kill();
  await startCounting();
  await bed.announce(thingHappened, { label: 'a' });
  await bed.redis.start();
  await bed.untilEffects({ a: 1 });
});

it('measures depth and age of the outbox, relayed, acknowledged and handled events, and dead letters', async () => {
  await bed.start({ providers: [CountingHandler], contracts: [thingHappened] });
  await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
  await bed.untilFinished();
  const figures = await metrics.metrics();
  expect(figures).toMatch(/^outbox_depth 0$/m);
  expect(figures).toMatch(/^outbox_oldest_age_seconds 0$/m);
  expect(figures).toMatch(/^outbox_relayed_total\{event="fixture.happened"\} \d+$/m);
  expect(figures).toMatch(/^outbox_acknowledged_total \d+$/m);
  expect(figures).toMatch(/^jobs_duration_seconds_count\{job="fixture.happened",outcome="done"\} \d+$/m);
  expect(figures).toMatch(/^jobs_dead_letters\{queue="billing-events"\} 0$/m);
});
