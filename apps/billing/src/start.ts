import { runService } from '#libs/health';
import { RpcServer } from '#libs/rpc';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { billingModule } from './billing.module';
import type { BillingConfig } from './config';

/** Runs billing until it is told to stop. Requests come by Redis alone: the application itself listens nowhere. */
export function start(config: BillingConfig): Promise<void> {
  const rpc = new RpcServer({ service: 'billing', redis: { ...config.redis, name: 'billing' } });
  return runService({
    config,
    create: async () => {
      const options = { bufferLogs: true, abortOnError: false };
      const application = await NestFactory.create(billingModule(config), new FastifyAdapter(), options);
      application.connectMicroservice({ strategy: rpc }, { inheritAppConfig: true });
      return application;
    },
    checks: (application) => {
      const dataSource = application.get(DataSource);
      return { database: () => dataSource.query('SELECT 1'), cache: () => rpc.ping() };
    },
  });
}
