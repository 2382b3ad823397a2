import type { ServiceName } from '#libs/contracts';
import type { LevelWithSilent } from 'pino';
import { setSourceMapsSupport } from 'node:module';
import { flushLogs, startLogging } from './logger';
import { buildInfo, collectProcessMetrics } from './metrics';
import { reportCrash, sendReportsTo } from './report-error';

export interface TelemetryOptions {
  readonly logLevel: LevelWithSilent;
  /** `development`, `production` and so on, as shown in Sentry. */
  readonly environment: string;
  readonly release?: string | undefined;
  readonly sentryDsn?: string | undefined;
  readonly otlpEndpoint?: string | undefined;
}

const flushLimitMs = 2_000;
const stops: (() => Promise<void>)[] = [];

/**
 * Starts logs, metrics and crash reports. Loads tracing and Sentry only if they are configured. Await it
 * before pg, ioredis or fastify are loaded, because tracing wraps them as they load.
 */
export async function startTelemetry(service: ServiceName, options: TelemetryOptions): Promise<void> {
  // Makes stacks point to our sources. --enable-source-maps would also keep every package's maps, about 10
  // MB.
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  const { release: version = 'development' } = options;
  startLogging(service, version, options.logLevel);
  collectProcessMetrics();
  buildInfo.set({ service, version }, 1);
  process.on('uncaughtException', (error) => crash(error, 'uncaught exception'));
  process.on('unhandledRejection', (reason) => crash(reason, 'unhandled rejection'));
  const { sentryDsn, otlpEndpoint, environment, release } = options;
  if (otlpEndpoint !== undefined) {
    const { startTracing } = await import('./tracing-sdk.js');
    stops.push(startTracing(service, otlpEndpoint));
  }
  if (sentryDsn !== undefined) {
    const { startSentry } = await import('./sentry.js');
    const { send, stop } = startSentry({ service, dsn: sentryDsn, environment, release });
    sendReportsTo(send);
    stops.push(stop);
  }
}

/** Sends and writes everything buffered, for at most two seconds. Call it last, before the process ends. */
export async function stopTelemetry(): Promise<void> {
  const sent = Promise.allSettled(stops.splice(0).map((stop) => stop()));
  await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, flushLimitMs).unref())]);
  flushLogs();
}

let isCrashing = false;

function crash(error: unknown, reason: string): void {
  reportCrash(error, reason);
  // Errors that occur while the reports are sent are logged too, but do not start the shutdown again.
  if (isCrashing) return;
  isCrashing = true;
  // The log must be written even if nothing else succeeds.
  flushLogs();
  void stopTelemetry().finally(() => process.exit(1));
}
