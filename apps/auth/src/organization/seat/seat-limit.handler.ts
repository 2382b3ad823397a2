import { seatLimitChanged, type EventPayload } from '#libs/contracts';
import { acrossTenants } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Controller } from '@nestjs/common';
import { setSeatLimit } from '../organization/organizations.table';

@Controller()
export class SeatLimitHandler {
  /** A lower limit removes no one, but no one else can join. Changes older than the last one are ignored. */
  @OnEvent(seatLimitChanged)
  async onChanged(
    { organizationId, seatLimit, version }: EventPayload<typeof seatLimitChanged>,
    { manager }: EventDelivery,
  ): Promise<void> {
    await acrossTenants(manager);
    await setSeatLimit(manager, organizationId, seatLimit, version);
  }
}
