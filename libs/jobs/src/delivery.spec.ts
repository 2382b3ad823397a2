import type { EventPayload } from '#libs/contracts';
import { execute } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { Bed } from './fixtures/bed';
import { thingHappened } from './fixtures/contracts';
import { OnEvent, type EventDelivery } from './handlers';

@Injectable()
class Things {
  @OnEvent(thingHappened)
  async record({ label }: EventPayload<typeof thingHappened>, { manager }: EventDelivery): Promise<void> {
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [label]);
  }
}

let bed: Bed;
beforeAll(async () => {
  bed = await Bed.create();
});
afterEach(() => bed.clear());
afterAll(() => bed.close());

it('an announced event has its effect once', async () => {
  await bed.start({ providers: [Things], contracts: [thingHappened] });
  await bed.announce(thingHappened, { label: 'a' }, { label: 'b' });
  await bed.untilEffects({ a: 1, b: 1 });
  await bed.untilFinished();
});
