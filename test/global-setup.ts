import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisCache, root } from '../scripts/local/paths';
import { freePort } from '../scripts/local/ports';
import { startPostgres } from '../scripts/local/postgres';
import { identify } from '../scripts/local/processes';
import { findRedisServer } from '../scripts/local/redis-server';
import { startWatchdog } from '../scripts/local/watchdog';
import { atTeardown } from './global-teardown';
import { needsSuite, startSharedSuite, type TestSelection } from './shared-suite';

/** One PostgreSQL and one Redis binary for the whole run, unless TEST_* variables name others; a suite for end-to-end tests. */
export default async function globalSetup(selection: TestSelection): Promise<void> {
  // Some tests run the compiled services; type errors are the type check's business.
  spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { cwd: root });
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-test-'));
  // As root, PostgreSQL runs under another account, which must get through.
  chmodSync(folder, 0o711);
  atTeardown(() => rmSync(folder, { recursive: true, force: true }));
  process.env['TEST_RUN'] = randomBytes(4).toString('hex');
  process.env['TEST_REDIS_SERVER'] ??= JSON.stringify(findRedisServer(redisCache, console.log));
  process.env['TEST_DATABASE_URL'] ??= await startTestPostgres(folder);
  if (needsSuite(selection)) await startSharedSuite(join(folder, 'suite'));
}

async function startTestPostgres(folder: string): Promise<string> {
  const postgres = await startPostgres({
    folder: join(folder, 'postgres'),
    port: await freePort(),
    password: randomBytes(12).toString('hex'),
    logFile: join(folder, 'postgres.log'),
    // Nobody needs these data after a power cut.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', scram_iterations: '1' },
  });
  const watchdog = startWatchdog();
  const server = identify(postgres.pid);
  if (server !== undefined) watchdog.guard([{ ...server, name: 'postgres', signal: 'SIGINT', server: true }]);
  atTeardown(async () => {
    await postgres.stop();
    watchdog.release();
  });
  return postgres.url;
}
