import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import type { Secrets } from './secrets';
import { variablesFor, type Variables } from './variables';

const mebibyte = 1_048_576;
export const loopback = '127.0.0.1';
const defaultShutdownSeconds = 4;

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
  /** Several gateways share one public port. */
  readonly isBehindFront?: boolean;
}

/**
 * The environment of one replica. `settings` are what the user set: each reaches the services that read it. Three keep a
 * meaning for the whole suite, and give each replica a value of its own: DATABASE_URL, PORT and MANAGEMENT_PORT.
 */
export function environmentOf(
  service: ServiceName,
  around: Surroundings,
  ports: ReplicaPorts,
  settings: Variables,
): Record<string, string> {
  const { HOST: host = loopback } = settings;
  return {
    ...defaultsOf(service, around),
    ...variablesFor(service, settings),
    DATABASE_URL: around.databaseUrls.get(service) ?? '',
    MANAGEMENT_PORT: String(ports.management),
    // Behind the front, which listens on HOST, gateways are reached from this machine alone.
    ...(ports.http === undefined ? {} : { HOST: ports.isBehindFront ? loopback : host, PORT: String(ports.http) }),
  };
}

function defaultsOf(service: ServiceName, { secrets, publicUrl, ...around }: Surroundings): Record<string, string> {
  const known = {
    PUBLIC_URL: publicUrl,
    FIELD_ENCRYPTION_KEY: secrets.fieldEncryptionKey,
    CSRF_SECRET: secrets.csrfSecret,
    OBJECT_DIRECTORY: join(around.folder, 'objects'),
    SMTP_URL: around.smtpUrl,
    MAIL_FROM: 'Groundwork <no-reply@groundwork.localhost>',
  };
  return {
    NODE_ENV: 'development',
    LOG_LEVEL: 'info',
    REDIS_URL: around.redisUrl,
    MANAGEMENT_HOST: loopback,
    // One heap of glibc's for all threads, where each thread's own keeps what that thread once needed.
    MALLOC_ARENA_MAX: '1',
    SHUTDOWN_TIMEOUT: String(defaultShutdownSeconds),
    ...variablesFor(service, known),
    ...(service === 'auth' && roomForHashes()),
  };
}

/** How long a replica may take to stop before it is killed: a little longer than it gives itself. */
export function graceMs({ SHUTDOWN_TIMEOUT: seconds }: Variables): number {
  return ((Number(seconds) || defaultShutdownSeconds) + 1) * 1_000;
}

/** Where a server that listens on `host` is reached from this machine. */
export function reachableHost(host: string = loopback): string {
  if (host === '0.0.0.0' || host === '::') return loopback;
  return isIPv6(host) ? `[${host}]` : host;
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

/**
 * V8 lets its young generation grow to 48 MB. The services that answer every request work faster with some of that (a
 * fifth of the CPU time per request lies between 4 and 16 MB a space), the others never need it: docs/performance.md.
 */
export function nodeOptionsOf(service: ServiceName): string[] {
  const megabytes = service === 'gateway' || service === 'auth' ? 8 : 2;
  return [
    `--max-semi-space-size=${megabytes}`,
    // Without a bound near what is needed, V8 on a machine with much memory lets garbage lie.
    '--max-old-space-size=256',
    // It keeps what modules were compiled to, for a second time that does not come: 3 MB.
    '--no-compilation-cache',
  ];
}

/** The same from run to run: counted from 4000, gateway 4000, 4001, … auth 4010, … */
export function managementPort(first: number, serviceIndex: number, replica: number): number {
  return first + serviceIndex * 10 + replica;
}
