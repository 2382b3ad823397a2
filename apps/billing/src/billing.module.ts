import { databaseModule } from '#libs/database';
import { Module, type DynamicModule } from '@nestjs/common';
import { RpcModule } from '#libs/rpc';
import type { BillingConfig } from './config';
import { entities } from './database';
import { HealthHandler } from './health/health.handler';

@Module({ controllers: [HealthHandler] })
class BillingModule {}

export function billingModule({ databaseUrl, databasePoolSize, redis }: BillingConfig): DynamicModule {
  return {
    module: BillingModule,
    imports: [
      databaseModule({ url: databaseUrl, service: 'billing', poolSize: databasePoolSize, entities }),
      RpcModule.forRoot({ redis: { ...redis, name: 'billing' } }),
    ],
  };
}
