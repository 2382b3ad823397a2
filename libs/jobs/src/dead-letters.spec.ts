import { defineEvent, type EventPayload } from '#libs/contracts';
import { execute, newId } from '#libs/database';
import { eventually } from '#libs/testing';
import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { z } from 'zod';
import { DeadLetters, type DeadLetter } from './dead-letters';
import { PermanentError } from './errors';
import { Bed } from './fixtures/bed';
import { secretShared, thingHappened } from './fixtures/contracts';
import { OnEvent, type EventDelivery } from './handlers';
import { Queues } from './queues';

@Injectable()
class StubbornHandler {
  static failures = 0;
  static runs = 0;
  static error = new Error('no such row');

  @OnEvent(thingHappened)
  async record({ label }: EventPayload<typeof thingHappened>, { manager }: EventDelivery): Promise<void> {
    StubbornHandler.runs++;
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [label]);
    if (StubbornHandler.failures-- > 0) throw StubbornHandler.error;
  }

  @OnEvent(secretShared)
  async recordSecret(): Promise<void> {
    throw new Error('Something about a secret');
  }
}

let bed: Bed;
let application: INestApplicationContext;
let deadLetters: DeadLetters;
beforeEach(async () => {
  StubbornHandler.failures = 0;
  StubbornHandler.runs = 0;
  StubbornHandler.error = new Error('no such row');
  bed = await Bed.create();
  application = await bed.start({ providers: [StubbornHandler], contracts: [thingHappened, secretShared] });
  deadLetters = application.get(DeadLetters);
});
afterEach(() => bed.close());

const untilDead = (count: number): Promise<DeadLetter[]> =>
  eventually(async () => {
    const letters = await deadLetters.list('billing', 10);
    return letters.length === count && letters;
  });

it('runs a handler until it succeeds and applies its effect once', async () => {
  StubbornHandler.failures = 2;
  await bed.announce(thingHappened, { label: 'a' });
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ a: 1 });
  expect(StubbornHandler.runs).toBe(3);
});

it('lists a dead letter with its reason and does not revive it when it is added again', async () => {
  StubbornHandler.failures = 100;
  const [id] = await bed.announce(thingHappened, { label: 'a' });
  const letters = await untilDead(1);
  expect(letters).toEqual([
    {
      id,
      name: 'fixture.happened',
      queue: 'billing-events',
      producer: 'billing',
      requestId: expect.any(String),
      reason: expect.stringMatching(/^Error: no such row \(error [0-9a-f-]{36}\)$/),
      attempts: 4,
      failedAt: expect.any(Date),
    },
  ]);
  const addedAgain = 'SELECT 1 FROM outbox_deliveries WHERE attempts >= 3';
  await eventually(async () => (await bed.dataSource.query(addedAgain)).length === 1);
  expect(StubbornHandler.runs).toBe(4);
  expect(await bed.effects()).toEqual({});
  expect(await deadLetters.count('billing')).toEqual(
    new Map([
      ['billing-events', 1],
      ['billing-jobs', 0],
    ]),
  );
});

it('applies the effect of a replayed dead letter once and finishes it', async () => {
  StubbornHandler.failures = 4;
  const [id = ''] = await bed.announce(thingHappened, { label: 'a' });
  await untilDead(1);
  expect(await deadLetters.replay('billing', id)).toBe(true);
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ a: 1 });
  expect(await deadLetters.list('billing', 10)).toEqual([]);
});

it('finishes a dropped dead letter without effect', async () => {
  // A relay that adds it again at this very moment would revive it. In production the chance is one moment
  // in minutes.
  await bed.clear();
  const patient = { redelivery: 60_000, longestRedelivery: 60_000, lease: 60_000 };
  application = await bed.start({
    providers: [StubbornHandler],
    contracts: [thingHappened, secretShared],
    timings: patient,
  });
  deadLetters = application.get(DeadLetters);
  StubbornHandler.failures = 4;
  const [id = ''] = await bed.announce(thingHappened, { label: 'a' });
  await untilDead(1);
  expect(await deadLetters.drop('billing', id)).toBe(true);
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({});
  expect(await deadLetters.list('billing', 10)).toEqual([]);
});

it('replays and drops only dead letters', async () => {
  const [id = ''] = await bed.announce(thingHappened, { label: 'a' });
  await bed.untilFinished();
  expect(await deadLetters.replay('billing', id)).toBe(false);
  expect(await deadLetters.drop('billing', newId())).toBe(false);
});

it('does not retry a permanent error', async () => {
  StubbornHandler.failures = 100;
  StubbornHandler.error = new PermanentError('the account is gone');
  await bed.announce(thingHappened, { label: 'a' });
  const [letter] = await untilDead(1);
  expect(letter?.reason).toContain('the account is gone');
  expect(StubbornHandler.runs).toBe(1);
});

it('hides the reason of a confidential dead letter, except for where to look', async () => {
  await bed.announce(secretShared, { secret: 'hush' });
  const [letter] = await untilDead(1);
  expect(letter?.reason).toMatch(/^Error, more in the log \(error [0-9a-f-]{36}\)$/);
});

describe('poison', () => {
  const context = { requestId: newId(), traceparent: null, actor: null, locale: 'en', client: null };
  const addRaw = (name: string, id: string, data: unknown) =>
    bed.withRedis(async (redis) => {
      const queues = new Queues(redis);
      await queues.of('billing', 'events').add(name, data, { jobId: id, attempts: 4 });
      await queues.close();
    });

  it.each([
    ['no envelope', newId(), 'garbage', 'It is not what a relay adds: the whole (invalid_type).'],
    ['another payload', newId(), { producer: 'billing', payload: '{"label":1}', context }, 'label (invalid_type)'],
    ['no JSON', newId(), { producer: 'billing', payload: '{', context }, 'the whole (invalid_type)'],
    [
      'an id that is none',
      'not-an-id',
      { producer: 'billing', payload: '{"label":"a"}', context },
      'Its id is not that',
    ],
  ])('with %s becomes a dead letter at once, with a clear reason, and can be dropped', async (_, id, data, reason) => {
    await addRaw('fixture.happened', id, data);
    const [letter] = await untilDead(1);
    expect(letter?.reason).toContain(reason);
    expect(letter?.attempts).toBe(1);
    expect(StubbornHandler.runs).toBe(0);
    expect(await deadLetters.drop('billing', id)).toBe(true);
    expect(await deadLetters.list('billing', 10)).toEqual([]);
  });

  it('does not block events behind it', async () => {
    await addRaw('fixture.happened', newId(), 'garbage');
    await bed.announce(thingHappened, { label: 'after' });
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ after: 1 });
  });

  it('is retried if this version does not know the event, because a newer replica can know it', async () => {
    await addRaw('fixture.from_the_future', newId(), { producer: 'billing', payload: '{}', context });
    const [letter] = await untilDead(1);
    expect(letter?.reason).toContain('This version of billing has no handler');
    expect(letter?.attempts).toBe(4);
  });

  it('in the outbox waits for a replica that knows it and does not block events behind it', async () => {
    const unknown = newId();
    await bed.dataSource.query("INSERT INTO outbox VALUES ($1, 'fixture.unknown', '{}', '{}')", [unknown]);
    await bed.dataSource.query("INSERT INTO outbox_deliveries (event_id, subscriber) VALUES ($1, 'billing')", [
      unknown,
    ]);
    await bed.announce(thingHappened, { label: 'after' });
    await bed.untilEffects({ after: 1 });
    defineEvent('fixture.unknown', { subscribers: [], payload: z.strictObject({}), confidential: false });
    await untilDead(1);
  });

  it('among the acknowledgements is removed', async () => {
    const key = '{groundwork}:acknowledgements:billing';
    await bed.withRedis(async (redis) => {
      await redis.sadd(key, 'garbage', 'billing/not-an-id', `nobody/${newId()}`);
      await bed.announce(thingHappened, { label: 'after' });
      await bed.untilFinished();
      await eventually(async () => (await redis.exists(key)) === 0);
    });
  });
});
