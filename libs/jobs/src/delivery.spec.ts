import type { EventPayload, RequestContext } from '#libs/contracts';
import { execute, newId } from '#libs/database';
import { currentContext, runInContext } from '#libs/observability';
import { eventually } from '#libs/testing';
import { Injectable } from '@nestjs/common';
import { Bed } from './fixtures/bed';
import { newsSpread, nobodyCared, secretShared, thingHappened } from './fixtures/contracts';
import { CountingHandler } from './fixtures/handlers';
import { fernet } from './fixtures/application';
import { OnEvent, type EventDelivery } from './handlers';
import { Outbox } from './outbox';
import { Queues } from './queues';
import { Redis } from 'ioredis';

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.create();
});
afterEach(async () => {
  await bed.clear();
  await bed.clearEffects();
});
afterAll(() => bed.close());

const startCounting = (timings = {}) =>
  bed.start({ providers: [CountingHandler], contracts: [thingHappened], timings });

describe('announcing an event', () => {
  it('does nothing if the transaction rolls back', async () => {
    await startCounting();
    const outbox = new Outbox(fernet);
    const rolledBack = bed.dataSource.transaction(async (manager) => {
      await outbox.add(manager, thingHappened, { label: 'never' });
      throw new Error('changed my mind');
    });
    await expect(rolledBack).rejects.toThrow('changed my mind');
    await bed.announce(thingHappened, { label: 'later' });
    await bed.untilFinished();
    expect(await bed.effects()).toEqual({ later: 1 });
  });

  it('is refused outside a transaction, where a crash could separate the fact from the event', async () => {
    const adding = new Outbox(fernet).add(bed.dataSource.manager, thingHappened, { label: 'a' });
    await expect(adding).rejects.toThrow('outside a transaction');
  });

  it('is refused for a payload that does not fit the contract, without quoting it', async () => {
    const wrong = JSON.parse('{"secret": 12345, "more": "hush"}');
    const adding = bed.announce(secretShared, wrong);
    await expect(adding).rejects.toThrow(
      'fixture.secret_shared does not fit its contract: secret (invalid_type), the whole (unrecog',
    );
    await expect(adding).rejects.not.toThrow(/12345|hush/);
  });

  it('is refused for a payload that is too large for Redis', async () => {
    await expect(bed.announce(thingHappened, { label: 'x'.repeat(70_000) })).rejects.toThrow('65536 are allowed');
  });

  it('stores no row for an event without subscribers', async () => {
    await bed.announce(nobodyCared, { label: 'tree in the forest' });
    expect(await bed.dataSource.query('SELECT * FROM outbox')).toEqual([]);
  });
});

describe('delivering', () => {
  it('shares events between two replicas, and adds each once', async () => {
    const patient = { redelivery: 60_000, longestRedelivery: 60_000, lease: 60_000, lock: 60_000 };
    await Promise.all([startCounting(patient), startCounting(patient)]);
    const labels = Array.from({ length: 500 }, (_, index) => `event ${index}`);
    for (let start = 0; start < 500; start += 50) {
      await bed.announce(thingHappened, ...labels.slice(start, start + 50).map((label) => ({ label })));
    }
    await bed.untilFinished();
    expect(await bed.effects()).toEqual(Object.fromEntries(labels.map((label) => [label, 1])));
    const attempts = await bed.dataSource.query('SELECT attempts, count(*)::int FROM outbox_deliveries GROUP BY 1');
    expect(attempts).toEqual([{ attempts: 1, count: 500 }]);
  });

  it('applies an event once, although it arrives twice in a batch or at the same time', async () => {
    const [id = ''] = await bed.announce(thingHappened, { label: 'a' });
    await bed.withRedis(async (redis) => {
      const queues = new Queues(redis);
      const data = { producer: 'billing', payload: '{"label":"a"}', context: context() };
      const job = { name: thingHappened.name, data, opts: { jobId: id } };
      await queues.of('billing', 'events').addBulk([job, job]);
      await startCounting();
      await bed.untilFinished();
      await queues.of('billing', 'events').clean(0, 0, 'completed');
      await bed.forgetAcknowledgements();
      await bed.untilFinished();
      await queues.close();
    });
    expect(await bed.effects()).toEqual({ a: 1 });
  });

  it('finishes an event when the last of its subscribers has acknowledged it', async () => {
    const neighbor = await Bed.create(bed.redis);
    await bed.start({ providers: [NewsInBilling], contracts: [newsSpread] });
    await bed.announce(newsSpread, { label: 'news' });
    await bed.untilEffects({ news: 1 });
    await eventually(async () => (await bed.unfinished()) === 1);
    await neighbor.start({ service: 'notification', providers: [NewsInBilling], contracts: [newsSpread] });
    await bed.untilFinished();
    expect(await neighbor.effects()).toEqual({ news: 1 });
    expect(await bed.effects()).toEqual({ news: 1 });
    await neighbor.close();
  });

  it('runs the handler in the context of the announcing request, without its client', async () => {
    await bed.start({ providers: [ContextHandler], contracts: [thingHappened] });
    const request = {
      ...context(),
      locale: 'de',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const client = { ip: '192.0.2.1', userAgent: 'test', deviceId: null };
    await runInContext({ ...request, client }, () => bed.announce(thingHappened, { label: 'x' }));
    await bed.untilFinished();
    const [row] = await bed.dataSource.query('SELECT label FROM effects');
    expect(JSON.parse(row.label)).toEqual({
      passed: { ...request, client: null },
      current: { ...request, client: null },
    });
  });

  it('is woken by NOTIFY long before the next poll', async () => {
    await startCounting({ poll: 3_600_000 });
    await bed.announce(thingHappened, { label: 'first' });
    await bed.untilEffects({ first: 1 });
    await bed.announce(thingHappened, { label: 'second' });
    await bed.untilEffects({ first: 1, second: 1 });
  });

  it('delays events by at most the polling interval when the listening connection is lost, and reconnects', async () => {
    const listening = async (): Promise<number[]> => {
      const rows = await bed.dataSource.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'groundwork billing listen' AND datname = current_database()",
      );
      return rows.map(({ pid }: { pid: number }) => pid);
    };
    await startCounting();
    const [lost] = await eventually(async () => {
      const pids = await listening();
      return pids.length > 0 && pids;
    });
    await bed.dataSource.query('SELECT pg_terminate_backend($1)', [lost]);
    await bed.announce(thingHappened, { label: 'meanwhile' });
    await bed.untilEffects({ meanwhile: 1 });
    await eventually(async () => (await listening()).some((pid) => pid !== lost));
  });
});

describe('a confidential payload', () => {
  it('is never stored in plain text in the outbox or in Redis, even when its handler fails', async () => {
    const secret = 'correct horse battery staple';
    SecretHandler.failures = 2;
    await bed.start({ providers: [SecretHandler], contracts: [secretShared] });
    await bed.announce(secretShared, { secret });
    await bed.untilEffects({ [secret]: 1 });
    SecretHandler.failures = 100;
    await bed.announce(secretShared, { secret });
    await bed.withRedis(async (redis) => {
      await eventually(async () => (await redis.zcard('{groundwork}:billing-events:failed')) === 1);
      const everything = await dumpOf(redis);
      // Proves that the search works: values that are not secret are found.
      expect(everything).toContain('fixture.secret_shared');
      expect(everything).not.toContain('horse');
    });
    const rows = JSON.stringify(
      await bed.dataSource.query('SELECT * FROM outbox JOIN outbox_deliveries ON id = event_id'),
    );
    expect(rows).toContain('fixture.secret_shared');
    expect(rows).not.toContain('horse');
  });
});

@Injectable()
class NewsInBilling {
  @OnEvent(newsSpread)
  async record({ label }: EventPayload<typeof newsSpread>, { manager }: EventDelivery): Promise<void> {
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [label]);
  }
}

@Injectable()
class ContextHandler {
  @OnEvent(thingHappened)
  async record(_: EventPayload<typeof thingHappened>, { manager, context: passed }: EventDelivery): Promise<void> {
    const seen = JSON.stringify({ passed, current: currentContext() });
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [seen]);
  }
}

@Injectable()
class SecretHandler {
  static failures = 0;

  @OnEvent(secretShared)
  async record({ secret }: EventPayload<typeof secretShared>, { manager }: EventDelivery): Promise<void> {
    if (SecretHandler.failures-- > 0) throw new Error(`cannot cope with ${secret}`);
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [secret]);
  }
}

function context(): RequestContext {
  return { requestId: newId(), traceparent: null, actor: null, locale: 'en', client: null };
}

/** Returns every key and value of any type. */
async function dumpOf(redis: Redis): Promise<string> {
  const parts: unknown[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    if (type === 'string') parts.push(key, await redis.get(key));
    else if (type === 'hash') parts.push(key, await redis.hgetall(key));
    else if (type === 'list') parts.push(key, await redis.lrange(key, 0, -1));
    else if (type === 'set') parts.push(key, await redis.smembers(key));
    else if (type === 'zset') parts.push(key, await redis.zrange(key, 0, -1));
    else if (type === 'stream') parts.push(key, await redis.xrange(key, '-', '+'));
    else throw new Error(`No way to look into ${key}, a ${type}.`);
  }
  return JSON.stringify(parts);
}
