import { startReceiver, type Receiver } from '#libs/testing';
import { chmodSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '#libs/local';
import { startSuite } from '../tools/suite/suite';
import { atTeardown } from './global-teardown';

/** The part of jest's configuration that is used here. */
export interface TestSelection {
  readonly rootDir: string;
  readonly testPathPatterns: { toExecutor(options: { rootDir: string }): { isMatch(path: string): boolean } };
}

/** Returns true if end-to-end tests are selected. Starting everything takes some seconds. */
export function needsSuite({ testPathPatterns, rootDir }: TestSelection): boolean {
  const chosen = testPathPatterns.toExecutor({ rootDir });
  return globSync('test/e2e/**/*.spec.ts', { cwd: root }).some((file) => chosen.isMatch(join(root, file)));
}

/** Starts two replicas of each service. The tests find them by TEST_* variables. */
export async function startSharedSuite(): Promise<void> {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'groundwork-suite-'));
    // As root, PostgreSQL runs under another account, which needs access.
    chmodSync(folder, 0o711);
    atTeardown(() => rmSync(folder, { recursive: true, force: true }));
    // Hundreds of users sign up from one IP address. The rate limits have their own tests.
    const collector = await startReceiver();
    atTeardown(() => collector.close());
    const environment = { RATE_LIMIT_FACTOR: '1000', ...tracesTo(collector) };
    const suite = await startSuite({ folder, replicas: 2, disposable: true, environment });
    atTeardown(() => suite.stop());
    const { api, mail, databases } = suite.urls;
    process.env['TEST_SUITE_FOLDER'] = folder;
    process.env['TEST_API_URL'] = api;
    process.env['TEST_MAIL_URL'] = mail;
    process.env['TEST_COLLECTOR_URL'] = `http://${collector.host}`;
    for (const [service, { ownerUrl }] of databases) {
      process.env[`TEST_DATABASE_URL_${service.toUpperCase()}`] = ownerUrl;
    }
  } catch (error) {
    // The end-to-end tests will fail because of the missing variables, but all others can still run.
    console.error('The suite for the end-to-end tests did not start.', error);
  }
}

/** Traces only requests that ask for it. */
function tracesTo({ host }: Receiver) {
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${host}`,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_BSP_SCHEDULE_DELAY: '200',
  };
}
