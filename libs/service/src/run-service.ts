import { flushLogs, logger, nestLogger, stopTelemetry } from '#libs/observability';
import { Logger, type INestApplication } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpConnections } from './http-connections';
import type { HealthChecks } from './health.service';
import { startManagement } from './management';
import { Readiness } from './readiness';

export interface ServiceOptions<Application extends INestApplication> {
  readonly config: {
    readonly management: { readonly host: string; readonly port: number };
    /** From the signal to the end of the process. */
    readonly shutdownTimeoutMs: number;
    /** Between being told to stop and taking no more work: load balancers need it to notice. Counts into shutdownTimeoutMs. */
    readonly drainDelayMs?: number;
  };
  /** The application with its microservices connected, not started. */
  readonly create: () => Promise<Application>;
  /** Where the application itself serves HTTP. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Told once; each is asked at every look at readiness. */
  readonly checks: (application: Application) => Promise<HealthChecks>;
}

type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * A service's life: the management port opens, the application starts, and after SIGTERM or SIGINT it drains, finishes
 * what it has begun, closes, and the process exits with 0; with 1 where that takes longer than the time-out. Resolves
 * when the service is ready. What goes wrong is thrown, and ends the process as an unhandled rejection does.
 */
export async function runService<Application extends INestApplication>(
  options: ServiceOptions<Application>,
): Promise<void> {
  const { config, create, listen } = options;
  Logger.overrideLogger(nestLogger());
  const readiness = new Readiness();
  const stopSignal = firstStopSignal();
  void stopSignal.then((signal) => {
    readiness.drain();
    logger().info({ signal }, 'stopping');
    exitAtDeadline(config.shutdownTimeoutMs);
  });
  let checks: HealthChecks = {};
  const management = await startManagement({ ...config.management, readiness, checks: () => checks });
  const application = await create();
  checks = await options.checks(application);
  const connections = new HttpConnections(application.getHttpServer());
  await start(application, listen);
  readiness.ready();
  logger().info({ management: await management.getUrl() }, 'started');
  void stopSignal.then((signal) =>
    stop({ application, connections, management, signal, drainDelayMs: config.drainDelayMs ?? 0 }),
  );
}

/**
 * Nest's own shutdown hooks are not used: they would close at once, without draining, and end the process by the signal
 * instead of code 0. Later signals find a process that is stopping already, and change nothing.
 */
function firstStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

/** Work comes in last, when all that it needs has started. */
async function start(application: INestApplication, listen: ServiceOptions<INestApplication>['listen']): Promise<void> {
  await application.init();
  await application.startAllMicroservices();
  if (listen !== undefined) await application.listen(listen.port, listen.host);
}

interface Running {
  readonly application: INestApplication;
  readonly connections: HttpConnections;
  readonly management: INestApplication;
  readonly signal: StopSignal;
  readonly drainDelayMs: number;
}

/** The management port is the last to close: until then probes and scrapes see what happens. */
async function stop({ application, connections, management, signal, drainDelayMs }: Running): Promise<void> {
  connections.drain();
  await delay(drainDelayMs);
  const stopSweeping = connections.closeWhenIdle();
  await application.close();
  stopSweeping();
  await management.close();
  logger().info({ signal }, 'stopped');
  await stopTelemetry();
  process.exit(0);
}

function exitAtDeadline(shutdownTimeoutMs: number): void {
  setTimeout(() => {
    logger().error({ shutdownTimeoutMs }, 'did not stop in time; what was running is lost');
    flushLogs();
    process.exit(1);
  }, shutdownTimeoutMs).unref();
}
