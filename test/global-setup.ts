import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { buildProgram, redisCache, root } from '#libs/local';
import { findRedisServer } from '../tools/suite/redis-server';
import { startTestPostgres } from '../tools/suite/test-postgres';
import { atTeardown } from './global-teardown';
import { needsSuite, startSharedSuite, type TestSelection } from './shared-suite';

/**
 * Starts one PostgreSQL and finds one Redis binary for the whole run, unless TEST_* variables name others.
 * Starts a suite for end-to-end tests.
 */
export default async function globalSetup(selection: TestSelection): Promise<void> {
  // Some tests run the compiled services. The type check reports type errors.
  spawnSync(process.execPath, [buildProgram, '--no-check'], { cwd: root });
  process.env['TEST_RUN'] = randomBytes(4).toString('hex');
  process.env['TEST_REDIS_SERVER'] ??= JSON.stringify(findRedisServer(redisCache, console.log));
  if (process.env['TEST_DATABASE_URL'] === undefined) {
    const postgres = await startTestPostgres();
    process.env['TEST_DATABASE_URL'] = postgres.url;
    atTeardown(postgres.stop);
  }
  if (needsSuite(selection)) await startSharedSuite();
}
