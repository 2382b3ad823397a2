import { z } from 'zod';
import { fernetKeys, integer, port, redisUrl, seconds, url } from './building-blocks';
import { asSecret, describeVariable } from './variable';

const nodeEnvironments = ['production', 'development', 'test'] as const;
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/**
 * The variables that every service reads. Spread it into a schema: `z.object({ ...commonEnvironment, PORT:
 * port.default(3000) })`.
 */
export const commonEnvironment = {
  NODE_ENV: oneOf(nodeEnvironments).default('production'),
  LOG_LEVEL: oneOf(logLevels).default('info'),
  DATABASE_URL: asSecret(url('postgres', 'postgresql')),
  /** Past a connection pooler, which would lose notifications. Without a pooler, the same as DATABASE_URL. */
  DATABASE_DIRECT_URL: asSecret(url('postgres', 'postgresql')).optional(),
  /** Connections per process. */
  DATABASE_POOL_SIZE: integer({ min: 1, max: 1_000 }).default(10),
  REDIS_URL: redisUrl,
  /** PEM file of the certificate authority for a rediss:// server, if the system does not trust it already. */
  REDIS_TLS_CA_FILE: z.string().optional(),
  MANAGEMENT_HOST: z.string().default('127.0.0.1'),
  MANAGEMENT_PORT: port.default(9464),
  /** Time a process has to finish its work after it is told to stop. */
  SHUTDOWN_TIMEOUT: seconds({ max: 600 }).default(10),
  /**
   * Delay between the signal to stop and refusing new work, so that load balancers notice. Counts toward
   * SHUTDOWN_TIMEOUT.
   */
  DRAIN_DELAY: seconds({ min: 0, max: 60 }).default(0),
  /** Of the deployed code, for metrics and error reports. */
  VERSION: z.string().max(64).default('development'),
  SENTRY_DSN: asSecret(url('http', 'https')).optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional(),
} as const;

/** For services that store personal data or secrets. */
export const fieldEncryptionEnvironment = { FIELD_ENCRYPTION_KEY: fernetKeys } as const;

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return describeVariable(z.enum(values), { expected: `one of ${values.join(', ')}` });
}
