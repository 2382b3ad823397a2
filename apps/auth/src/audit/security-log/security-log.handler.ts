import {
  listSecurityEvents,
  securityEventType,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { pageOf, positionOf } from '../../account/list/page';
import { deviceOf } from './device';

const row = z.object({
  id: z.uuid(),
  type: securityEventType,
  at: z.date(),
  ip: z.string().nullable(),
  userAgent: z.string().nullable(),
  details: z.record(z.string(), z.string()),
});

@Controller()
export class SecurityLogHandler {
  constructor(private readonly dataSource: DataSource) {}

  @Handles(listSecurityEvents)
  async list(
    { limit, cursor }: RequestOf<typeof listSecurityEvents>,
    { actor }: ContextOf<typeof listSecurityEvents>,
  ): Promise<ResponseInput<typeof listSecurityEvents>> {
    const rows = await queryRows(
      this.dataSource.manager,
      `SELECT id, type, created_at AS at, ip, user_agent AS "userAgent", details FROM security_events
       WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [actor.userId, positionOf(cursor), limit + 1],
      row,
    );
    return pageOf(rows, limit, ({ at, userAgent, ...event }) => ({
      ...event,
      at: at.toISOString(),
      device: deviceOf(userAgent),
    }));
  }
}
