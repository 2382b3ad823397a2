import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisCache, root } from '../scripts/local/paths';
import { freePort } from '../scripts/local/ports';
import { startPostgres, type RunningPostgres } from '../scripts/local/postgres';
import { identify } from '../scripts/local/processes';
import { findRedisServer } from '../scripts/local/redis-server';
import { startWatchdog, type Watchdog } from '../scripts/local/watchdog';

export interface TestServers {
  postgres: RunningPostgres;
  folder: string;
  watchdog: Watchdog;
}

declare global {
  var testServers: TestServers | undefined;
}

/** One PostgreSQL and one Redis binary for the whole run, unless TEST_* variables name others. */
export default async function globalSetup(): Promise<void> {
  // Some tests run the compiled services; type errors are the type check's business.
  spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root });
  process.env['TEST_RUN'] = randomBytes(4).toString('hex');
  process.env['TEST_REDIS_SERVER'] ??= JSON.stringify(findRedisServer(redisCache, console.log));
  if (process.env['TEST_DATABASE_URL'] !== undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-test-'));
  // As root, PostgreSQL runs under another account, which must get through.
  chmodSync(folder, 0o711);
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(12).toString('hex'),
    logFile: join(folder, 'postgres.log'),
    // Nobody needs these data after a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', scram_iterations: '1' },
  });
  process.env['TEST_DATABASE_URL'] = postgres.url;
  const watchdog = startWatchdog();
  const server = identify(postgres.pid);
  if (server !== undefined) watchdog.guard([{ ...server, name: 'postgres', signal: 'SIGINT', server: true }]);
  globalThis.testServers = { postgres, folder, watchdog };
}
