import { serviceHealth, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller, type Type } from '@nestjs/common';
import { DataSource } from 'typeorm';

export type RpcServiceName = keyof typeof serviceHealth;

/** Tells the gateway that this replica handles requests and that its database responds. */
export function healthHandler(service: RpcServiceName): Type {
  const contract = serviceHealth[service];

  @Controller()
  class HealthHandler {
    constructor(private readonly dataSource: DataSource) {}

    @Handles(contract)
    async health(): Promise<ResponseInput<typeof contract>> {
      await this.dataSource.query('SELECT 1');
      return { status: 'ok' };
    }
  }
  return HealthHandler;
}
