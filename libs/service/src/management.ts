import { nestLogger } from '#libs/observability';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { TerminusModule } from '@nestjs/terminus';
import { healthChecks, HealthService, outageTolerance, type HealthChecks } from './health.service';
import { ManagementController } from './management.controller';
import { Readiness } from './readiness';

export interface ManagementOptions {
  readonly host: string;
  readonly port: number;
  readonly readiness: Readiness;
  /** A function, because most dependencies exist only after the service has started. */
  readonly checks: () => HealthChecks;
  /** How long a dependency may be away before the replica is no longer ready. */
  readonly toleranceMs?: number | undefined;
}

const defaultToleranceMs = 15_000;

type HealthOptions = Pick<ManagementOptions, 'readiness' | 'checks' | 'toleranceMs'>;

@Module({})
export class HealthModule {
  static forRoot({ readiness, checks, toleranceMs = defaultToleranceMs }: HealthOptions): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule],
      controllers: [ManagementController],
      providers: [
        HealthService,
        { provide: Readiness, useValue: readiness },
        { provide: healthChecks, useValue: checks },
        { provide: outageTolerance, useValue: toleranceMs },
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
