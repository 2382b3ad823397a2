import { serviceHealth, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';

@Controller()
export class HealthHandler {
  constructor(private readonly dataSource: DataSource) {}

  /** Told to the gateway: this replica takes requests, and its database answers. */
  @Handles(serviceHealth.notification)
  async health(): Promise<ResponseInput<typeof serviceHealth.notification>> {
    await this.dataSource.query('SELECT 1');
    return { status: 'ok' };
  }
}
