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
    /** Time from the signal until the process must have ended. */
    readonly shutdownTimeoutMs: number;
    /**
     * Time between the signal to stop and refusing new work, so that load balancers notice. Counts toward
     * shutdownTimeoutMs.
     */
    readonly drainDelayMs?: number;
    /** How long a dependency may be away before the replica is no longer ready. */
    readonly outageToleranceMs?: number | undefined;
  };
  /** Resolves when the service can start. It may wait for as long as the replica runs, so a signal ends it at once. */
  readonly prepare?: () => Promise<void>;
  /** Creates the application with its microservices connected but not started. */
  readonly create: () => Promise<Application>;
  /** Where the application itself serves HTTP. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Called once. The checks that it returns run on every readiness request. */
  readonly checks: (application: Application) => Promise<HealthChecks>;
}

type StopSignal = 'SIGTERM' | 'SIGINT';

/**
 * Runs a service: opens the management port, starts the application, and on SIGTERM or SIGINT drains,
 * finishes the running work, closes and exits with 0. Exits with 1 if that takes longer than the timeout.
 * Resolves when the service is ready. Errors are thrown and end the process like any unhandled rejection.
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
  const { management: address, outageToleranceMs: toleranceMs } = config;
  const management = await startManagement({ ...address, readiness, checks: () => checks, toleranceMs });
  const earlySignal = await Promise.race([stopSignal, options.prepare?.()]);
  if (earlySignal !== undefined) return end(management, earlySignal);
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
 * Nest's shutdown hooks would close at once, without draining, and end the process by the signal instead
 * of exit code 0. Later signals change nothing, because the process is already stopping.
 */
function firstStopSignal(): Promise<StopSignal> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}

/** Starts to listen last, when everything that requests need is running. */
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

async function stop({ application, connections, management, signal, drainDelayMs }: Running): Promise<void> {
  connections.drain();
  await delay(drainDelayMs);
  const stopSweeping = connections.closeWhenIdle();
  await application.close();
  stopSweeping();
  await end(management, signal);
}

/** Ends the process. Closes the management port last, so that probes and scrapes see the shutdown. */
async function end(management: INestApplication, signal: StopSignal): Promise<void> {
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
