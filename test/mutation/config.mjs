import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ignorerName } from './ignorer.mjs';

const root = join(import.meta.dirname, '..', '..');

/** One PostgreSQL for all workers, which inherit the variables: jest's own set-up would start one for each mutant. */
async function startServers() {
  spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--no-check'], { cwd: root, stdio: 'inherit' });
  const load = createRequire(join(root, 'dist', 'scripts', 'local', 'index.js'));
  const { url } = await load('./test-postgres.js').startTestPostgres();
  process.env['TEST_DATABASE_URL'] = url;
  process.env['TEST_RUN'] = randomBytes(4).toString('hex');
  const server = load('./redis-server.js').findRedisServer(load('./paths.js').redisCache, console.log);
  process.env['TEST_REDIS_SERVER'] = JSON.stringify(server);
  // What a mutant changes in a constructor must not have been constructed before.
  process.env['TEST_ISOLATED'] = 'yes';
}

/**
 * @param {{ name: string, mutate: readonly string[], specs: readonly string[] }} part
 * @returns {Promise<object>}
 */
export async function configFor({ name, mutate, specs }) {
  await startServers();
  return {
    mutate: [...mutate],
    testRunner: 'jest',
    jest: {
      config: {
        // Stryker wraps it, and looks for it from the copy that it makes.
        testEnvironment: './test/mutation/environment.mjs',
        testSequencer: '<rootDir>/test/mutation/sequencer.cjs',
        testMatch: specs.map((spec) => `<rootDir>/${spec}`),
        globalSetup: null,
        globalTeardown: null,
        testTimeout: 30_000,
      },
    },
    plugins: ['@stryker-mutator/jest-runner', join(import.meta.dirname, 'ignorer.mjs')],
    ignorers: [ignorerName],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 2),
    timeoutMS: 20_000,
    thresholds: { high: 90, low: 80, break: 80 },
    incremental: true,
    incrementalFile: `.local/mutation/${name}.json`,
    reporters: ['clear-text', 'progress-append-only', 'html', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, skipFull: true },
    htmlReporter: { fileName: `.local/mutation/${name}.html` },
    jsonReporter: { fileName: `.local/mutation/${name}-report.json` },
    tempDirName: '.local/mutation/sandbox',
    ignorePatterns: ['.local', 'docs', 'coverage'],
    allowEmpty: false,
    checkers: [],
    disableTypeChecks: true,
  };
}
