import { listSecurityEvents, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { pageOf, positionOf } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { deviceOf } from './device';
import { eventsOf } from './security-events.table';

@Controller()
export class SecurityLogHandler {
  constructor(private readonly dataSource: DataSource) {}

  @Handles(listSecurityEvents)
  async list(
    { limit, cursor }: RequestOf<typeof listSecurityEvents>,
    { actor }: ContextOf<typeof listSecurityEvents>,
  ): Promise<ResponseInput<typeof listSecurityEvents>> {
    const rows = await eventsOf(this.dataSource.manager, actor.userId, positionOf(cursor), limit + 1);
    return pageOf(rows, limit, ({ createdAt, userAgent, ...event }) => ({
      ...event,
      at: createdAt.toISOString(),
      device: deviceOf(userAgent),
    }));
  }
}
