import type { z } from 'zod';
import type { commonEnvironment } from './common-environment';
import { variablesIn } from './secret-files';
import { settingsIn, type Setting } from './setting';
import { ConfigurationError, orExit, parseEnvironment } from './environment';
import type { Environment } from './variable';

export type CommonEnvironment = z.output<z.ZodObject<typeof commonEnvironment>>;

/** The configuration that every service has. An app extends it with its own values. */
export abstract class ServiceConfig {
  readonly environment: CommonEnvironment['NODE_ENV'];
  readonly production: boolean;
  readonly logLevel: CommonEnvironment['LOG_LEVEL'];
  readonly databaseUrl: string;
  /** For listeners, which need a connection of their own. */
  readonly databaseDirectUrl: string;
  readonly databasePoolSize: number;
  readonly redis: { readonly url: string; readonly tlsCaFile: string | undefined };
  readonly management: { readonly host: string; readonly port: number };
  readonly shutdownTimeoutMs: number;
  readonly drainDelayMs: number;
  readonly release: string;
  readonly sentryDsn: string | undefined;
  readonly otlpEndpoint: string | undefined;

  constructor(parsed: CommonEnvironment) {
    this.environment = parsed.NODE_ENV;
    this.production = parsed.NODE_ENV === 'production';
    this.logLevel = parsed.LOG_LEVEL;
    this.databaseUrl = parsed.DATABASE_URL;
    this.databaseDirectUrl = parsed.DATABASE_DIRECT_URL ?? parsed.DATABASE_URL;
    this.databasePoolSize = parsed.DATABASE_POOL_SIZE;
    this.redis = { url: parsed.REDIS_URL, tlsCaFile: parsed.REDIS_TLS_CA_FILE };
    this.management = { host: parsed.MANAGEMENT_HOST, port: parsed.MANAGEMENT_PORT };
    this.shutdownTimeoutMs = parsed.SHUTDOWN_TIMEOUT * 1_000;
    this.drainDelayMs = parsed.DRAIN_DELAY * 1_000;
    this.release = parsed.VERSION;
    this.sentryDsn = parsed.SENTRY_DSN;
    this.otlpEndpoint = parsed.OTEL_EXPORTER_OTLP_ENDPOINT;
    if (this.production) requireTimeToStop(parsed);
  }
}

/** A job can take this long, so a shorter time-out would cut it off at each deployment. */
const longestJobSeconds = 8;

/** @throws ConfigurationError */
function requireTimeToStop({ SHUTDOWN_TIMEOUT: timeout, DRAIN_DELAY: delay }: CommonEnvironment): void {
  if (delay + longestJobSeconds < timeout) return;
  const least = delay + longestJobSeconds + 1;
  throw new ConfigurationError([`SHUTDOWN_TIMEOUT is too short for DRAIN_DELAY. Set it to ${least} or more.`]);
}

/**
 * The base class of an app's configuration: `class BillingConfig extends serviceConfig(environment)`. Only
 * the subclass reads the environment.
 */
export function serviceConfig<S extends z.ZodObject & z.ZodType<CommonEnvironment>>(environment: S) {
  return class extends ServiceConfig {
    /** The names of the environment variables that the service reads. */
    static readonly variables: readonly string[] = variablesIn(environment.shape);

    static readonly settings: readonly Setting[] = settingsIn(environment.shape);

    /** Ends the process with one line per bad variable. */
    static read<C>(this: new (parsed: z.output<S>) => C): C {
      return orExit(() => new this(parseEnvironment(environment, process.env)));
    }

    /** @throws ConfigurationError */
    static of<C>(this: new (parsed: z.output<S>) => C, variables: Environment): C {
      return new this(parseEnvironment(environment, variables));
    }
  };
}
