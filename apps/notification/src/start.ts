import { runService } from '#libs/health';
import { RpcServer } from '#libs/rpc';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { notificationModule } from './notification.module';
import type { NotificationConfig } from './config';

/** Runs notification until it is told to stop. Requests come by Redis alone: the application itself listens nowhere. */
export function start(config: NotificationConfig): Promise<void> {
  const rpc = new RpcServer({ service: 'notification', redis: { ...config.redis, name: 'notification' } });
  return runService({
    config,
    create: async () => {
      const options = { bufferLogs: true, abortOnError: false };
      const application = await NestFactory.create(notificationModule(config), new FastifyAdapter(), options);
      application.connectMicroservice({ strategy: rpc }, { inheritAppConfig: true });
      return application;
    },
    checks: (application) => {
      const dataSource = application.get(DataSource);
      return { database: () => dataSource.query('SELECT 1'), cache: () => rpc.ping() };
    },
  });
}
