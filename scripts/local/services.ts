import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import type { Secrets } from './secrets';

const mebibyte = 1_048_576;

/** Where everything that the services use is to be found in this run. */
export interface Surroundings {
  readonly secrets: Secrets;
  /** As each service's own role. */
  readonly databaseUrls: ReadonlyMap<ServiceName, string>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  /** The gateway's address, as a person types it into a browser. */
  readonly publicUrl: string;
  /** Of everything that the run keeps. */
  readonly folder: string;
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
    auth: {
      ...identity,
      ...roomForHashes(),
      OBJECT_DIRECTORY: join(around.folder, 'objects'),
      ...passedOn(/^S3_.+$/),
    },
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
    // One heap of glibc's for all threads, where each thread's own keeps what that thread once needed.
    MALLOC_ARENA_MAX: '1',
    // Seconds: less than the supervisor waits before it kills.
    SHUTDOWN_TIMEOUT: '4',
    ...passedOn(/^(LOG_LEVEL|RATE_LIMIT_FACTOR|BREACHED_PASSWORDS_URL|SENTRY_DSN|OTEL_.+)$/),
    ...own[service],
  };
}

/**
 * One thread of libuv's for each hash that may run at once, and one for all else. A hash's 19 MiB stay with the process for the next one:
 * to give them back and get them anew costs a third of the hash (docs/performance.md).
 */
function roomForHashes(): Record<string, string> {
  const threads = availableParallelism() + 1;
  return {
    UV_THREADPOOL_SIZE: String(threads),
    MALLOC_MMAP_THRESHOLD_: String(32 * mebibyte),
    MALLOC_TRIM_THRESHOLD_: String(threads * 20 * mebibyte),
  };
}

/** What whoever starts the suite may want of its services. */
function passedOn(names: RegExp): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && names.test(name) ? [[name, value]] : [],
    ),
  );
}

/**
 * V8 lets its young generation grow to 48 MB. The services that answer every request work faster with some of that (a
 * fifth of the CPU time per request lies between 4 and 16 MB a space), the others never need it: docs/performance.md.
 */
export function nodeOptionsOf(service: ServiceName): string[] {
  const megabytes: Record<ServiceName, number> = { gateway: 8, auth: 8, billing: 2, notification: 2 };
  return [
    `--max-semi-space-size=${megabytes[service]}`,
    // Without a bound near what is needed, V8 on a machine with much memory lets garbage lie.
    '--max-old-space-size=256',
    // It keeps what modules were compiled to, for a second time that does not come: 3 MB.
    '--no-compilation-cache',
  ];
}

/** Tried first, so that they are the same from run to run: gateway 4000, 4001, … auth 4010, … */
export function preferredManagementPort(serviceIndex: number, replica: number): number {
  return 4_000 + serviceIndex * 10 + replica;
}
