import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { redisCache, root, startRedis } from '#libs/local';
import { startPostgres } from './postgres';
import { findRedisServer } from './redis-server';
import type { Program } from './supervised';
import type { ServerPlan } from './supervised-server';

export interface Place {
  /** `.local`, or a test's own folder. */
  readonly folder: string;
  readonly say: (line: string) => void;
  /** The data is not needed after a power failure, so every fsync is skipped. */
  readonly disposable: boolean;
}

const unsafe = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export function embeddedPostgres(place: Place, port: number, password: string): ServerPlan {
  const folder = join(place.folder, 'postgres');
  const logFile = join(place.folder, 'logs', 'postgres.log');
  let told = false;
  return {
    name: 'PostgreSQL',
    processName: 'postgres',
    stopSignal: 'SIGINT',
    logFile,
    start: async () => {
      const settings = place.disposable ? unsafe : {};
      const postgres = await startPostgres({ folder, port, password, logFile, settings });
      if (postgres.folder !== folder && !told) {
        told = true;
        place.say(
          `PostgreSQL does not run as root, and its user cannot enter ${place.folder}. Its data is in ${postgres.folder}.`,
        );
      }
      return postgres;
    },
  };
}

export function embeddedRedis(place: Place, port: number): ServerPlan {
  const logFile = join(place.folder, 'logs', 'redis.log');
  const log = createWriteStream(logFile, { flags: 'a', mode: 0o600 });
  // If the disk is full, only the log lines are lost.
  log.on('error', () => undefined);
  const start = () =>
    startRedis({
      server: findRedisServer(redisCache, place.say),
      port,
      folder: join(place.folder, 'redis'),
      onOutput: (text) => log.write(text),
    });
  return { name: 'Redis', processName: 'redis', stopSignal: 'SIGTERM', logFile, start };
}

/** Checks the user's own server before anything else is started, and reports what is wrong with it. */
export async function externalPostgres(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.query('select 1');
  } catch (cause) {
    throw new Error(`Cannot connect to the PostgreSQL server in DATABASE_URL: ${reason(cause)}`, { cause });
  } finally {
    await client.end().catch(() => undefined);
  }
  return url;
}

export async function externalRedis(url: string): Promise<string> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let lastError: unknown;
  redis.on('error', (error) => (lastError = error));
  try {
    await redis.connect();
    await redis.ping();
  } catch (cause) {
    throw new Error(`Cannot connect to the Redis server in REDIS_URL: ${reason(lastError ?? cause)}`, { cause });
  } finally {
    redis.disconnect();
  }
  return url;
}

function reason(error: unknown): string {
  // A host with several IP addresses fails with one error for each, and no message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** MailDev accepts every email, shows it in the browser and at `/api/email`, and sends nothing on. */
export function mailCatcher(place: Place, smtpPort: number, uiPort: number): Program {
  const script = join(root, 'node_modules', 'maildev', 'dist', 'bin', 'maildev.js');
  if (!existsSync(script)) throw new Error(`MailDev is not installed (${script}). Run npm ci.`);
  return {
    name: 'mail',
    args: [
      ...[script, '--ip', '127.0.0.1', '--smtp', String(smtpPort), '--web-ip', '127.0.0.1', '--web', String(uiPort)],
      ...['--mail-directory', join(place.folder, 'mail'), '--max-emails', '2000'],
    ],
    environment: {},
    logFile: join(place.folder, 'logs', 'mail.log'),
    readyUrl: `http://127.0.0.1:${uiPort}/api/email?limit=1`,
  };
}
