import { flushLogs, logger, nestLogger, stopTelemetry } from '#libs/observability';
import { Logger, type INestApplication } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
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
  readonly checks: (application: Application) => HealthChecks;
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
  // Nest's own shutdown hooks would close at once, without draining, and end the process by the signal instead of code 0.
  const stopSignal = firstStopSignal();
  Logger.overrideLogger(nestLogger());
  const readiness = new Readiness();
  void stopSignal.then((signal) => {
    readiness.drain();
    logger().info({ signal }, 'stopping');
    exitAtDeadline(options.config.shutdownTimeoutMs);
  });
  let checks: () => HealthChecks = () => ({});
  const management = await startManagement({ ...options.config.management, readiness, checks: () => checks() });
  const application = await options.create();
  checks = () => options.checks(application);
  await start(application, options.listen);
  readiness.ready();
  logger().info({ state: readiness.state, management: await management.getUrl() }, 'started');
  void stopSignal.then((signal) => stop(application, management, signal, options.config.drainDelayMs));
}

/** Later signals find a process that is stopping already, and change nothing. */
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

async function stop(
  application: INestApplication,
  management: INestApplication,
  signal: StopSignal,
  drainDelayMs = 0,
): Promise<void> {
  await delay(drainDelayMs);
  await application.close();
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
