import { spawnProcess } from '#libs/testing';
import { join } from 'node:path';
import { Bed } from './fixtures/bed';
import { thingHappened } from './fixtures/contracts';
import { CountingHandler } from './fixtures/handlers';

const doomed = join(__dirname, '../../../dist/libs/jobs/src/fixtures/doomed.js');

let bed: Bed;
beforeEach(async () => {
  bed = await Bed.create();
});
afterEach(() => bed.close());

const startHealthy = () => bed.start({ providers: [CountingHandler], contracts: [thingHappened] });

async function dieOnce(dies: string): Promise<void> {
  const { databaseUrl, redis } = bed;
  const child = spawnProcess(doomed, { args: [JSON.stringify({ dies, databaseUrl, redisUrl: redis.url })] });
  const { signal } = await child.exited;
  if (signal !== 'SIGKILL') throw new Error(`It was to die by SIGKILL, but ended by itself:\n${child.output()}`);
}

describe('each event has its effect exactly once, although SIGKILL hits', () => {
  it('the producer right after its commit', async () => {
    await dieOnce('after-announcing');
    await startHealthy();
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ 'announced by the dead': 1 });
  });

  it.each(['between-adding-and-marking', 'in-the-handler', 'before-acknowledging'])('a process %s', async (dies) => {
    await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
    await dieOnce(dies);
    await startHealthy();
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ a: 1, b: 1 });
  });

  it('one process after another, beside a healthy one', async () => {
    await startHealthy();
    const deaths = ['between-adding-and-marking', 'in-the-handler', 'before-acknowledging'].map(dieOnce);
    let alive = deaths.length;
    const allDead = Promise.all(deaths.map((death) => death.finally(() => alive--)));
    const labels: string[] = [];
    // Only while one lives, because a process that starts late would find no event to die of.
    while (alive > 0) {
      labels.push(`event ${labels.length}`);
      await bed.announce(thingHappened, { label: String(labels.at(-1)) });
      await bed.untilRelayed();
    }
    await allDead;
    await bed.untilFinished(150_000);
    expect(await bed.effects()).toEqual(Object.fromEntries(labels.map((label) => [label, 1])));
  }, 180_000);
});

describe('each event has its effect exactly once, although Redis comes back empty', () => {
  it('with events waiting in its queues', async () => {
    // The subscriber is not running, so the producer's events wait in Redis.
    const producer = await bed.start({ service: 'auth', providers: [], contracts: [] });
    await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
    await bed.untilRelayed();
    await producer.close();
    await bed.redis.restart({ empty: true });
    await startHealthy();
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ a: 1, b: 1 });
  });

  it('with acknowledgements of effects that are done', async () => {
    const before = await bed.start({ providers: [CountingHandler], contracts: [thingHappened] });
    await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
    await bed.untilFinished();
    await bed.forgetAcknowledgements();
    await bed.redis.restart({ empty: true });
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ a: 1, b: 1 });
    await before.close();
  });

  it('repeatedly under load, while the same processes keep running', async () => {
    await startHealthy();
    const labels = Array.from({ length: 400 }, (_, index) => `event ${index}`);
    const announcing = (async () => {
      for (const label of labels) await bed.announce(thingHappened, { label });
    })();
    for (let loss = 0; loss < 3; loss++) await bed.redis.restart({ empty: true });
    await announcing;
    await bed.untilFinished(150_000);
    expect(await bed.effects()).toEqual(Object.fromEntries(labels.map((label) => [label, 1])));
  }, 180_000);
});

it('announces events without delay while Redis is down, and delivers them when it is back', async () => {
  await startHealthy();
  await bed.redis.kill();
  await bed.announce(thingHappened, { label: 'meanwhile' });
  await bed.redis.start();
  await bed.untilFinished();
  expect(await bed.effects()).toEqual({ meanwhile: 1 });
});

it('survives the loss of Redis and of its database connections without unhandled errors, and still stops in order', async () => {
  const { databaseUrl, redis } = bed;
  const child = spawnProcess(doomed, { args: [JSON.stringify({ dies: 'never', databaseUrl, redisUrl: redis.url })] });
  await bed.announce(thingHappened, { label: 'before' });
  await bed.untilFinished();
  for (const label of ['first', 'second']) {
    await bed.redis.kill();
    await bed.cutConnections();
    await bed.announce(thingHappened, { label });
    await bed.redis.start();
    await bed.untilFinished();
  }
  expect(await bed.effects()).toEqual({ before: 1, first: 1, second: 1 });
  await bed.redis.kill();
  expect(await child.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});
