import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { localFolder } from '#libs/local';
import type { Step } from './steps';

// Checks run beside the tests at low priority, in the processor time that waiting tests leave.
const check = { inBackground: true, limitMs: 15 * 60_000 };
const bin = (path: string) => join('node_modules', path);

const lint: Step = {
  name: 'lint',
  args: ['--no-warnings', bin('oxlint/bin/oxlint')],
  ...check,
};
const format: Step = { name: 'format', args: [bin('oxfmt/bin/oxfmt'), '--check'], ...check };
const boundaries: Step = {
  name: 'module boundaries',
  args: [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), 'apps', 'libs', 'scripts', 'test', 'tools'],
  ...check,
};
const folders: Step = {
  name: 'folder cycles',
  args: [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), '-c', '.dependency-cruiser.folders.cjs', 'apps', 'libs'],
  ...check,
};
const types: Step = { name: 'types', args: [bin('typescript-7/bin/tsc'), '-p', 'tsconfig.json'], ...check };

const description: Step = {
  name: 'API description',
  args: [bin('@redocly/cli/bin/cli.js'), 'lint', 'docs/openapi.json'],
  ...check,
};

/** Unchanged files come from the cache. That takes a second instead of seven. */
const spelling: Step = {
  name: 'spelling',
  args: [bin('cspell/bin.mjs'), ...'lint --no-progress --no-summary --cache --cache-strategy content'.split(' ')],
  ...check,
};

const shellScripts: Step = {
  name: 'shell scripts',
  args: [join('dist', 'tools', 'shell-scripts', 'check.js')],
  ...check,
};

/** Quick checks first. */
export const checks: readonly Step[] = [types, shellScripts, format, description, folders, spelling, boundaries, lint];

const jestResult = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
});

/** All tests, or those that jest's arguments select. */
export function jestStep(args: readonly string[]): Step {
  const resultFile = join(mkdtempSync(join(tmpdir(), 'groundwork-results-')), 'results.json');
  return {
    name: 'tests',
    // A larger nursery, because tests create many short-lived objects in a heap that the packages fill.
    args: ['--max-semi-space-size=64', bin('jest/bin/jest.js'), '--json', '--outputFile', resultFile, ...args],
    // Log lines of the tested code only go to the log.
    isShown: (line) => !/^\s*[{[]/.test(line) && !line.startsWith('Test results written to'),
    logFile: join(localFolder, 'logs', 'tests.log'),
    limitMs: 15 * 60_000,
    count: (exitCode) => {
      const counted = countTests(readResult(resultFile), exitCode, args.length > 0);
      rmSync(dirname(resultFile), { recursive: true, force: true });
      return counted;
    },
  };
}

function readResult(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * A test file that can't be loaded counts as failed, and in a full run so does a skipped test, because it
 * proves nothing. No tests, no result, or a non-zero exit code without a failed test count as one failure.
 */
export function countTests(result: unknown, exitCode: number, chosen: boolean): { passed: number; failed: number } {
  const parsed = jestResult.safeParse(result);
  if (!parsed.success) return { passed: 0, failed: 1 };
  const {
    numPassedTests: passed,
    numFailedTests,
    numRuntimeErrorTestSuites,
    numPendingTests,
    numTodoTests,
  } = parsed.data;
  const skipped = chosen ? 0 : numPendingTests + numTodoTests;
  const failed = numFailedTests + numRuntimeErrorTestSuites + skipped;
  return { passed, failed: failed === 0 && (exitCode !== 0 || passed === 0) ? 1 : failed };
}
