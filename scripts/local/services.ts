import type { ServiceName } from '#libs/contracts';
import type { Secrets } from './secrets';

/** Where everything that the services use is to be found in this run. */
export interface Surroundings {
  readonly secrets: Secrets;
  /** As each service's own role. */
  readonly databaseUrls: ReadonlyMap<ServiceName, string>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  /** The gateway's address, as a person types it into a browser. */
  readonly publicUrl: string;
}

export interface ReplicaPorts {
  readonly management: number;
  /** Of the gateway's HTTP server. */
  readonly http?: number | undefined;
}

/** The environment of one replica: the only place that knows which service reads what. */
export function environmentOf(service: ServiceName, around: Surroundings, ports: ReplicaPorts): Record<string, string> {
  const { secrets, publicUrl } = around;
  const identity = { PUBLIC_URL: publicUrl, FIELD_ENCRYPTION_KEY: secrets.fieldEncryptionKey };
  const own: Record<ServiceName, Record<string, string>> = {
    gateway: { ...identity, HOST: '127.0.0.1', PORT: String(ports.http ?? ''), CSRF_SECRET: secrets.csrfSecret },
    auth: identity,
    billing: {},
    notification: {
      ...identity,
      SMTP_URL: around.smtpUrl,
      MAIL_FROM: 'Groundwork <no-reply@groundwork.localhost>',
    },
  };
  return {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    DATABASE_URL: around.databaseUrls.get(service) ?? '',
    REDIS_URL: around.redisUrl,
    MANAGEMENT_HOST: '127.0.0.1',
    MANAGEMENT_PORT: String(ports.management),
    // Seconds: less than the supervisor waits before it kills.
    SHUTDOWN_TIMEOUT: '4',
    ...own[service],
  };
}

/** Tried first, so that they are the same from run to run: gateway 4000, 4001, … auth 4010, … */
export function preferredManagementPort(serviceIndex: number, replica: number): number {
  return 4_000 + serviceIndex * 10 + replica;
}
