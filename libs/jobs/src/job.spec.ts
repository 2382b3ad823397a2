import type { EventPayload } from '#libs/contracts';
import { execute } from '#libs/database';
import { eventually } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bed } from './fixtures/bed';
import { callOutside, thingHappened } from './fixtures/contracts';
import { CountingHandler } from './fixtures/handlers';
import { OnEvent, OnJob, type EventDelivery, type JobDelivery } from './handlers';
import { Outbox } from './outbox';
import { retryDelayMs } from './workers';

/** Stands in for an SMTP server that can fail or hang. */
const outside: { failures: number; attempts: number[]; hold: Promise<unknown> | undefined } = {
  failures: 0,
  attempts: [],
  hold: undefined,
};

@Injectable()
class CallingHandler {
  constructor(private readonly dataSource: DataSource) {}

  @OnJob(callOutside)
  async call({ label }: EventPayload<typeof callOutside>, { attempt }: JobDelivery): Promise<void> {
    outside.attempts.push(attempt);
    await outside.hold;
    if (outside.failures-- > 0) throw new Error('ECONNREFUSED');
    await execute(this.dataSource.manager, 'INSERT INTO effects VALUES ($1)', [label]);
  }
}

/** Works like sending an email: the event's handler records it and adds the job, in one transaction. */
@Injectable()
class OrderingHandler {
  constructor(private readonly outbox: Outbox) {}

  @OnEvent(thingHappened)
  async order({ label }: EventPayload<typeof thingHappened>, { manager }: EventDelivery): Promise<void> {
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [`noted ${label}`]);
    await this.outbox.add(manager, callOutside, { label });
  }
}

let bed: Bed;
beforeEach(async () => {
  bed = await Bed.create();
  outside.failures = 0;
  outside.attempts = [];
  outside.hold = undefined;
});
afterEach(() => bed.close());

it('runs a job that an event’s handler added, and survives an outage within its attempts', async () => {
  outside.failures = 3;
  await bed.start({ providers: [OrderingHandler, CallingHandler], contracts: [thingHappened, callOutside] });
  await bed.announce(thingHappened, { label: 'mail' });
  await bed.untilEffects({ 'noted mail': 1, mail: 1 });
  await bed.untilFinished();
  expect(outside.attempts).toEqual([1, 2, 3, 4]);
});

it('restarts the attempts of a job when Redis loses it during an outage', async () => {
  outside.failures = 2;
  await bed.start({ providers: [CallingHandler], contracts: [callOutside] });
  await bed.announce(callOutside, { label: 'mail' });
  await eventually(() => outside.attempts.length > 0);
  await bed.redis.restart({ empty: true });
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ mail: 1 });
});

it('does not run a finished job again when it is delivered again', async () => {
  await bed.start({ providers: [CallingHandler], contracts: [callOutside] });
  await bed.announce(callOutside, { label: 'mail' });
  await bed.untilFinished();
  await bed.forgetAcknowledgements();
  await bed.redis.restart({ empty: true });
  await bed.untilFinished();
  expect(outside.attempts).toEqual([1]);
});

it('delivers events while jobs hang', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  outside.hold = promise;
  await bed.start({ providers: [CallingHandler, CountingHandler], contracts: [callOutside, thingHappened] });
  await bed.announce(callOutside, ...Array.from({ length: 20 }, () => ({ label: 'slow' })));
  await eventually(() => outside.attempts.length === 5);
  await bed.announce(thingHappened, { label: 'fast' });
  await bed.untilEffects({ fast: 1 });
  resolve('go on');
  await bed.untilEffects({ fast: 1, slow: 20 });
});

it('doubles the delay after each failure up to the longest, with a random part per job', () => {
  const retry = { attempts: 100, firstDelayMs: 5_000, longestDelayMs: 3_600_000 };
  const delays = (attempt: number) => Array.from({ length: 200 }, () => retryDelayMs(retry, attempt));
  for (const [attempt, ceiling] of [
    [1, 5_000],
    [2, 10_000],
    [5, 80_000],
    [11, 3_600_000],
    [99, 3_600_000],
  ] as const) {
    expect(Math.min(...delays(attempt))).toBeGreaterThanOrEqual(ceiling / 2);
    expect(Math.max(...delays(attempt))).toBeLessThanOrEqual(ceiling);
    expect(new Set(delays(attempt)).size).toBeGreaterThan(50);
  }
});
