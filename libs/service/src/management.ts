import { nestLogger } from '#libs/observability';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TerminusModule } from '@nestjs/terminus';
import { healthChecks, HealthService, type HealthChecks } from './health.service';
import { ManagementController } from './management.controller';
import { Readiness } from './readiness';

export interface ManagementOptions {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  /** A function, because most dependencies exist only after the service has started. */
  readonly checks: () => HealthChecks;
}

@Module({})
export class HealthModule {
  static forRoot({ readiness, checks }: Pick<ManagementOptions, 'readiness' | 'checks'>): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule],
      controllers: [ManagementController],
      providers: [
        HealthService,
        { provide: Readiness, useValue: readiness },
        { provide: healthChecks, useValue: checks },
      ],
    };
  }
}

/**
 * Serves /health/live, /health/ready and /metrics on a separate port. It opens before the service starts
 * and closes after the last request has finished.
 */
export async function startManagement({ host, port, ...options }: ManagementOptions): Promise<INestApplication> {
  const application = await NestFactory.create(HealthModule.forRoot(options), new FastifyAdapter(), {
    logger: nestLogger(),
    abortOnError: false,
  });
  await application.listen(port, host);
  return application;
}
