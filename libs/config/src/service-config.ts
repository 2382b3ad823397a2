import type { z } from 'zod';
import type { commonEnvironment } from './common-environment';
import { parseEnvironment, readEnvironment, type Environment } from './environment';

export type CommonEnvironment = z.output<z.ZodObject<typeof commonEnvironment>>;

/** The configuration that every service has. An app extends it with its own values. */
export abstract class ServiceConfig {
  readonly environment: CommonEnvironment['NODE_ENV'];
  readonly production: boolean;
  readonly logLevel: CommonEnvironment['LOG_LEVEL'];
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly redis: { readonly url: string; readonly tlsCaFile: string | undefined };
  readonly management: { readonly host: string; readonly port: number };
  readonly shutdownTimeoutMs: number;
  readonly drainDelayMs: number;
  readonly sentryDsn: string | undefined;
  readonly otlpEndpoint: string | undefined;

  constructor(parsed: CommonEnvironment) {
    this.environment = parsed.NODE_ENV;
    this.production = parsed.NODE_ENV === 'production';
    this.logLevel = parsed.LOG_LEVEL;
    this.databaseUrl = parsed.DATABASE_URL;
    this.databasePoolSize = parsed.DATABASE_POOL_SIZE;
    this.redis = { url: parsed.REDIS_URL, tlsCaFile: parsed.REDIS_TLS_CA_FILE };
    this.management = { host: parsed.MANAGEMENT_HOST, port: parsed.MANAGEMENT_PORT };
    this.shutdownTimeoutMs = parsed.SHUTDOWN_TIMEOUT * 1_000;
    this.drainDelayMs = parsed.DRAIN_DELAY * 1_000;
    this.sentryDsn = parsed.SENTRY_DSN;
    this.otlpEndpoint = parsed.OTEL_EXPORTER_OTLP_ENDPOINT;
  }
}

/**
 * The base class of an app's configuration: `class BillingConfig extends serviceConfig(environment)`. Only
 * the subclass reads the environment.
 */
export function serviceConfig<S extends z.ZodObject & z.ZodType<CommonEnvironment>>(environment: S) {
  return class extends ServiceConfig {
    /** The names of the environment variables that the service reads. */
    static readonly variables: readonly string[] = Object.keys(environment.shape);

    /** Ends the process with one line per bad variable. */
    static read<C>(this: new (parsed: z.output<S>) => C): C {
      return new this(readEnvironment(environment));
    }

    /** @throws ConfigurationError */
    static of<C>(this: new (parsed: z.output<S>) => C, variables: Environment): C {
      return new this(parseEnvironment(environment, variables));
    }
  };
}
