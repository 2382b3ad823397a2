import type { EventPayload } from '#libs/contracts';
import { Injectable, type Type } from '@nestjs/common';
import { Bed } from './fixtures/bed';
import { callOutside, newsSpread, thingHappened } from './fixtures/contracts';
import { CountingHandler } from './fixtures/handlers';
import { Every, OnEvent, OnJob } from './handlers';

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.create();
});
afterAll(() => bed.close());

const contracts = [thingHappened, callOutside];

@Injectable()
class Calling {
  @OnJob(callOutside)
  async call(): Promise<void> {}
}

it.each<[string, Type[], string]>([
  ['an event without a handler', [Calling], 'fixture.happened has no handler.'],
  ['a job without a handler', [CountingHandler], 'fixture.call_outside has no handler.'],
  ['several faults at once', [], 'fixture.happened has no handler; fixture.call_outside has no handler.'],
])('refuses to start a service with %s', async (_, providers, sentence) => {
  const starting = bed.start({ providers, contracts });
  await expect(starting).rejects.toThrow(`The service billing refuses to start: ${sentence}`);
});

it('refuses to start a service with two handlers of one event, and names them', async () => {
  @Injectable()
  class Another {
    @OnEvent(thingHappened)
    async too(_: EventPayload<typeof thingHappened>): Promise<void> {}
  }
  const starting = bed.start({ providers: [CountingHandler, Another, Calling], contracts });
  await expect(starting).rejects.toThrow('fixture.happened has 2 (CountingHandler.count, Another.too)');
});

it('refuses to start a service that handles an event for other services', async () => {
  @Injectable()
  class Nosy {
    @OnEvent(newsSpread)
    async read(): Promise<void> {}
  }
  const starting = bed.start({ service: 'auth', providers: [Nosy], contracts: [] });
  await expect(starting).rejects.toThrow('fixture.news_spread is handled by Nosy.read, but its contract does not name');
});

it('refuses two schedules with the same name', async () => {
  @Injectable()
  class Scheduled {
    @Every('fixture.tidy', { everyMs: 60_000 })
    async one(): Promise<void> {}

    @Every('fixture.tidy', { everyMs: 60_000 })
    async two(): Promise<void> {}
  }
  const starting = bed.start({ providers: [Scheduled], contracts: [] });
  await expect(starting).rejects.toThrow('fixture.tidy has 2 (Scheduled.one, Scheduled.two)');
});
