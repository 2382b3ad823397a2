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
  NODE_ENV: oneOf(nodeEnvironments)
    .default('production')
    .describe('Only `production` refuses settings that are not safe, such as guessable passwords.'),
  LOG_LEVEL: oneOf(logLevels).default('info').describe('The least severe log lines to write.'),
  DATABASE_URL: asSecret(url('postgres', 'postgresql')).describe(
    "The service's database, as the role that can read and write rows.",
  ),
  DATABASE_DIRECT_URL: asSecret(url('postgres', 'postgresql'))
    .optional()
    .describe('PostgreSQL itself, if `DATABASE_URL` leads to a connection pooler, which would lose notifications.'),
  DATABASE_POOL_SIZE: integer({ min: 1, max: 1_000 })
    .default(10)
    .describe('Connections to PostgreSQL per process. Listeners need one or two more.'),
  REDIS_URL: redisUrl.describe('A server, its Sentinels, or the nodes of a cluster.'),
  REDIS_TLS_CA_FILE: z
    .string()
    .optional()
    .describe('The PEM file of the authority that signed the certificate of Redis, if the system does not trust it.'),
  MANAGEMENT_HOST: z.string().default('127.0.0.1').describe('The IP address that serves health checks and metrics.'),
  MANAGEMENT_PORT: port.default(9464).describe('The port of health checks and metrics. No route may lead to it.'),
  SHUTDOWN_TIMEOUT: seconds({ max: 600 })
    .default(10)
    .describe('Seconds that a process has to finish its work after it is told to stop.'),
  DRAIN_DELAY: seconds({ min: 0, max: 60 })
    .default(0)
    .describe(
      'Seconds for load balancers to notice that a process stops, before it refuses new work. Part of `SHUTDOWN_TIMEOUT`.',
    ),
  VERSION: z.string().max(64).default('development').describe('The deployed version, for metrics and error reports.'),
  SENTRY_DSN: asSecret(url('http', 'https')).optional().describe('Reports unexpected errors to this Sentry project.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('Sends traces to this collector.'),
} as const;

/** For services that store personal data or secrets. */
export const fieldEncryptionEnvironment = {
  FIELD_ENCRYPTION_KEY: fernetKeys.describe(
    'Fernet keys that encrypt personal data, the newest first. The same in all services.',
  ),
} as const;

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return describeVariable(z.enum(values), { expected: `one of ${values.join(', ')}` });
}
