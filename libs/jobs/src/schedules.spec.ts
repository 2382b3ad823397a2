import { execute } from '#libs/database';
import { eventually } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Bed } from './fixtures/bed';
import { Every } from './handlers';
import { Queues } from './queues';

@Injectable()
class Tidy {
  static running = 0;
  static mostRunning = 0;
  static hold: Promise<unknown> | undefined;

  constructor(private readonly dataSource: DataSource) {}

  @Every('fixture.tidy', { everyMs: 200 })
  async tidy(): Promise<void> {
    Tidy.mostRunning = Math.max(Tidy.mostRunning, ++Tidy.running);
    await Tidy.hold;
    await execute(this.dataSource.manager, "INSERT INTO effects VALUES ('tidied')", []);
    Tidy.running--;
  }

  @Every('fixture.nightly', { pattern: '0 3 * * *' })
  async nightly(): Promise<void> {}
}

let bed: Bed;
beforeEach(async () => {
  bed = await Bed.create();
});
afterEach(() => bed.close());

const start = () => bed.start({ providers: [Tidy], contracts: [] });
const tidied = async () => (await bed.effects())['tidied'] ?? 0;
const schedulersIn = () =>
  bed.withRedis(async (redis) => {
    const queues = new Queues(redis);
    const found = await queues.of('billing', 'schedules').getJobSchedulers();
    await queues.close();
    return found.map(({ key, every, pattern, tz }) => ({ key, every, pattern, tz }));
  });

it('repeats a schedule with any number of replicas, but never twice at once', async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  Tidy.hold = promise;
  await Promise.all([start(), start(), start()]);
  await eventually(() => Tidy.running === 1);
  await bed.withRedis((redis) =>
    eventually(async () => (await redis.llen('{groundwork}:billing-schedules:wait')) > 0, { describe: 'the next run' }),
  );
  resolve('go on');
  await eventually(async () => (await tidied()) >= 3);
  expect(Tidy.mostRunning).toBe(1);
});

it('restores schedules after Redis has lost them', async () => {
  await start();
  await eventually(async () => (await tidied()) >= 1);
  await bed.redis.restart({ empty: true });
  const before = await tidied();
  await eventually(async () => (await tidied()) >= before + 2);
});

it('removes schedules that are no longer declared and keeps the others, with patterns in UTC', async () => {
  await bed.withRedis(async (redis) => {
    const queues = new Queues(redis);
    await queues.of('billing', 'schedules').upsertJobScheduler('fixture.given-up', { every: 1_000 });
    await queues.close();
  });
  await start();
  await eventually(async () => (await schedulersIn()).length === 3);
  expect(await schedulersIn()).toEqual(
    expect.arrayContaining([
      { key: 'fixture.tidy', every: 200, pattern: undefined, tz: undefined },
      { key: 'fixture.nightly', every: undefined, pattern: '0 3 * * *', tz: 'Etc/UTC' },
      { key: 'jobs.retention', every: 3_600_000, pattern: undefined, tz: undefined },
    ]),
  );
});
