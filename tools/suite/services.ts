import { isIPv6 } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ServiceName } from '#libs/contracts';
import type { Secrets } from './secrets';
import { variablesFor, type Variables } from './variables';

const mebibyte = 1_048_576;
export const loopback = '127.0.0.1';
const defaultShutdownSeconds = 4;

/** Where the services find everything that they use in this run. */
export interface Surroundings {
  readonly secrets: Secrets;
  /** For each service's own role. */
  readonly databaseUrls: ReadonlyMap<ServiceName, string>;
  readonly redisUrl: string;
  readonly smtpUrl: string;
  /** The gateway's URL as users type it into a browser. */
  readonly publicUrl: string;
  /** The folder of the run. */
  readonly folder: string;
}

export interface ReplicaPorts {
  readonly management: number;
  /** The port of the gateway's HTTP server. */
  readonly http?: number | undefined;
  /** Several gateways share one public port. */
  readonly isBehindFront?: boolean;
}

/**
 * The environment of one replica. Each of the user's `settings` is passed to the services that read it.
 * DATABASE_URL, PORT and MANAGEMENT_PORT apply to the whole suite, and each replica gets its own value.
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
    // Unset: it would be one database for all services.
    DATABASE_DIRECT_URL: '',
    MANAGEMENT_PORT: String(ports.management),
    // Behind the front, which listens on HOST, gateways only listen on this machine.
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
    SHUTDOWN_TIMEOUT: String(defaultShutdownSeconds),
    ...variablesFor(service, known),
    ...memoryVariablesOf(service, availableParallelism()),
  };
}

/** What glibc and libuv read. The Dockerfile has the same for two cores, and a test compares them. */
export function memoryVariablesOf(service: ServiceName, cores: number): Record<string, string> {
  return {
    // One glibc heap for all threads. Otherwise each thread keeps memory that it once needed.
    MALLOC_ARENA_MAX: '1',
    ...(service === 'auth' && roomForHashes(cores)),
  };
}

/** How long a replica can take to stop before it is killed: slightly longer than its own timeout. */
export function graceMs({ SHUTDOWN_TIMEOUT: seconds }: Variables): number {
  return ((Number(seconds) || defaultShutdownSeconds) + 1) * 1_000;
}

/** The address at which this machine reaches a server that listens on `host`. */
export function reachableHost(host: string = loopback): string {
  if (host === '0.0.0.0' || host === '::') return loopback;
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * One libuv thread for each concurrent hash, and one for everything else. The process keeps a hash's 19
 * MiB for the next one, because freeing and allocating them costs a third of the hash
 * (docs/performance.md).
 */
function roomForHashes(cores: number): Record<string, string> {
  const threads = cores + 1;
  return {
    UV_THREADPOOL_SIZE: String(threads),
    MALLOC_MMAP_THRESHOLD_: String(32 * mebibyte),
    MALLOC_TRIM_THRESHOLD_: String(threads * 20 * mebibyte),
  };
}

/**
 * V8 lets its young generation grow to 48 MB. The services that handle every request are faster with some
 * of that (between 4 and 16 MB per space, CPU time per request drops by a fifth). The others never need
 * it: docs/performance.md.
 */
export function nodeOptionsOf(service: ServiceName): string[] {
  const megabytes = service === 'gateway' || service === 'auth' ? 8 : 2;
  return [
    `--max-semi-space-size=${megabytes}`,
    // Without a limit near the need, V8 leaves garbage uncollected on a machine with much memory.
    '--max-old-space-size=256',
    // It keeps compiled modules for a second use that never comes: 3 MB.
    '--no-compilation-cache',
  ];
}

/** The same in every run, counted from 4000: gateway 4000, 4001, … auth 4010, … */
export function managementPort(first: number, serviceIndex: number, replica: number): number {
  return first + serviceIndex * 10 + replica;
}
