import { seatLimitChanged, type EventPayload } from '#libs/contracts';
import { acrossTenants } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Controller } from '@nestjs/common';
import { setSeatLimit } from '../organization/organizations.table';

@Controller()
export class SeatLimitHandler {
  /** Nobody is removed by a lower limit: it keeps others from coming. An older change than the last one is nothing. */
  @OnEvent(seatLimitChanged)
  async onChanged(
    { organizationId, seatLimit, version }: EventPayload<typeof seatLimitChanged>,
    { manager }: EventDelivery,
  ): Promise<void> {
    await acrossTenants(manager);
    await setSeatLimit(manager, organizationId, seatLimit, version);
  }
}
