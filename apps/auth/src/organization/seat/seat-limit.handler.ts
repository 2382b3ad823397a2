import { seatLimitChanged, type EventPayload } from '#libs/contracts';
import { acrossTenants, execute } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { Controller } from '@nestjs/common';

@Controller()
export class SeatLimitHandler {
  /** Nobody is removed by a lower limit: it keeps others from coming. An older change than the last one is nothing. */
  @OnEvent(seatLimitChanged)
  async onChanged(
    { organizationId, seatLimit, version }: EventPayload<typeof seatLimitChanged>,
    { manager }: EventDelivery,
  ): Promise<void> {
    await acrossTenants(manager);
    const sql = `
      UPDATE organizations SET seat_limit = $2, seat_limit_version = $3 WHERE id = $1 AND seat_limit_version < $3`;
    await execute(manager, sql, [organizationId, seatLimit, version]);
  }
}
