import { yieldWhileHashing } from '#libs/encryption';
import { runService } from '#libs/health';
import { RpcServer } from '#libs/rpc';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { authModule } from './auth.module';
import type { AuthConfig } from './config';

/** Runs auth until it is told to stop. Requests come by Redis alone: the application itself listens nowhere. */
export function start(config: AuthConfig): Promise<void> {
  const rpc = new RpcServer({ service: 'auth', redis: { ...config.redis, name: 'auth' } });
  return runService({
    config,
    create: async () => {
      await yieldWhileHashing();
      const options = { bufferLogs: true, abortOnError: false };
      const application = await NestFactory.create(authModule(config), new FastifyAdapter(), options);
      application.connectMicroservice({ strategy: rpc }, { inheritAppConfig: true });
      return application;
    },
    checks: (application) => {
      const dataSource = application.get(DataSource);
      return { database: () => dataSource.query('SELECT 1'), cache: () => rpc.ping() };
    },
  });
}
