import { join } from 'node:path';
import { ignorerName } from './ignorer.mjs';
import { serversName, startServers } from './servers.mjs';

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
        // Stryker wraps it, and resolves it from its own copy.
        testEnvironment: './test/mutation/environment.mjs',
        testSequencer: '<rootDir>/test/mutation/sequencer.cjs',
        testMatch: specs.map((spec) => `<rootDir>/${spec}`),
        globalSetup: null,
        globalTeardown: null,
        testTimeout: 30_000,
      },
    },
    plugins: [
      '@stryker-mutator/jest-runner',
      join(import.meta.dirname, 'ignorer.mjs'),
      join(import.meta.dirname, 'servers.mjs'),
    ],
    ignorers: [ignorerName],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    concurrency: Number(process.env['MUTATION_CONCURRENCY'] ?? 2),
    timeoutMS: 20_000,
    thresholds: { high: 90, low: 80, break: 80 },
    incremental: true,
    incrementalFile: `.local/mutation/${name}.json`,
    reporters: ['clear-text', 'progress-append-only', 'html', 'json', serversName],
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
