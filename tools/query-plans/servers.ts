import { provisionDatabase, runMigrations } from '#libs/database';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrations } from '../../apps/auth/src/database';
import { freePort, identify, redisCache, startRedis } from '#libs/local';
import { startPostgres } from '../suite/postgres';
import { findRedisServer } from '../suite/redis-server';
import { startWatchdog } from '../suite/watchdog';

export interface BenchServers {
  /** Auth's database for the superuser, and for the service's role. */
  readonly adminUrl: string;
  readonly serviceUrl: string;
  readonly redisUrl: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/**
 * The planner's settings are PostgreSQL's defaults. The cache is an eighth of a small server's memory. The
 * others make loading faster and disable autovacuum.
 */
const settings = {
  shared_buffers: '1GB',
  max_wal_size: '4GB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
};

/** Starts a PostgreSQL with auth's migrated and empty database, and a Redis, in a folder that is deleted with them. */
export async function startServers(say: (line: string) => void): Promise<BenchServers> {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-bench-'));
  // As root, PostgreSQL runs under another account, which needs access.
  chmodSync(folder, 0o711);
  const password = randomBytes(12).toString('hex');
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password,
    logFile: join(folder, 'postgres.log'),
    settings,
  });
  const redis = await startRedis({ server: findRedisServer(redisCache, say), port: await freePort(), folder });
  const watchdog = startWatchdog();
  const guarded = [
    { name: 'postgres', process: identify(postgres.pid), signal: 'SIGINT' as const },
    { name: 'redis', process: identify(redis.pid), signal: 'SIGTERM' as const },
  ];
  watchdog.guard(
    guarded.flatMap(({ name, process, signal }) =>
      process === undefined ? [] : [{ ...process, name, signal, server: true }],
    ),
  );
  const passwords = { ownerPassword: password, servicePassword: password };
  const { ownerUrl, serviceUrl } = await provisionDatabase(postgres.url, 'auth', passwords);
  await runMigrations(ownerUrl, migrations);
  const stop = async () => {
    await redis.stop();
    await postgres.stop();
    watchdog.release();
    for (const each of [folder, postgres.folder]) rmSync(each, { recursive: true, force: true });
  };
  const adminUrl = new URL(postgres.url);
  adminUrl.pathname = new URL(serviceUrl).pathname;
  return { adminUrl: adminUrl.href, serviceUrl, redisUrl: redis.url, folder, stop };
}
