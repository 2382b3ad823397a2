// A replica for the jobs benchmark: relay and worker of one service. Tells its parent when a timed handler
// starts.
import type { EventPayload } from '#libs/contracts';
import { databaseModule, execute } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { JobsModule, OnEvent, type EventDelivery } from '#libs/jobs';
import { startTelemetry } from '#libs/observability';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { benched, benchKey } from './jobs-contract';

const settings = z.object({ databaseUrl: z.string(), redisUrl: z.string(), listenUrl: z.string() });
export type JobsProcessSettings = z.output<typeof settings>;

@Injectable()
class ReportingHandler {
  @OnEvent(benched)
  async report({ isTimed, text }: EventPayload<typeof benched>, { manager }: EventDelivery): Promise<void> {
    if (isTimed) process.send?.(performance.timeOrigin + performance.now());
    await execute(manager, 'INSERT INTO effects VALUES ($1)', [text]);
  }
}

async function main(): Promise<void> {
  const { databaseUrl, redisUrl, listenUrl } = settings.parse(JSON.parse(process.argv[2] ?? ''));
  // With log lines, as in production.
  await startTelemetry('billing', { logLevel: 'info', environment: 'test' });

  @Module({
    imports: [
      databaseModule({ url: databaseUrl, service: 'billing', poolSize: 10, entities: [] }),
      JobsModule.forRoot({
        service: 'billing',
        redis: { url: redisUrl, name: 'billing' },
        databaseUrl: listenUrl,
        fernet: new Fernet([benchKey]),
      }),
    ],
    providers: [ReportingHandler],
  })
  class BenchModule {}

  const application = await NestFactory.createApplicationContext(BenchModule, { logger: false });
  process.once('disconnect', () => void application.close().then(() => process.exit(0)));
  process.send?.('ready');
}

void main();
