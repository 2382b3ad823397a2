import { spawn } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '#libs/local';
import { copyOfSources } from '../suite/copy';
import { writePages, writePart } from './command';
import { wordsOf } from './words';

it.each([
  ['plan', { names: 'plans', Name: 'Plan', table: 'plans', a: 'a' }],
  ['usage-record', { names: 'usage-records', camels: 'usageRecords', table: 'usage_records', words: 'usage record' }],
  ['tax-category', { names: 'tax-categories', Names: 'TaxCategories' }],
  ['invoice-tax', { names: 'invoice-taxes', a: 'an' }],
])('names %s in code, paths, tables, and prose', (name, expected) => {
  expect(wordsOf(name)).toMatchObject(expected);
});

describe('what npm run new writes', () => {
  let folder: string;
  let written: string[];
  const sources = () => written.filter((path) => path.endsWith('.ts'));
  beforeAll(() => {
    folder = copyOfSources('groundwork-new-');
    // What is compiled already is not compiled again.
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true, preserveTimestamps: true });
    // Names that nobody has taken in a clone of theirs.
    const parts = [
      ['service', 'newcomer'],
      ['feature', 'billing/keepsake'],
      ['feature', 'newcomer/kept-category'],
    ];
    written = [...new Set(parts.flatMap((part) => writePart(folder, part)))];
    writePages(folder);
    // Only what was written, with all that it imports.
    writeFileSync(
      join(folder, 'tsconfig.new.json'),
      JSON.stringify({ extends: './tsconfig.json', include: sources() }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['type-checks', () => ['node_modules/typescript-7/bin/tsc', '-p', 'tsconfig.new.json']],
    [
      'has no lint findings',
      () => ['node_modules/oxlint/bin/oxlint', ...written.filter((path) => path.endsWith('.ts'))],
    ],
    ['is formatted', () => ['node_modules/oxfmt/bin/oxfmt', '--check', ...written]],
    [
      'passes its own tests, and those that compare it with policies and documentation',
      () => [
        'node_modules/jest/bin/jest.js',
        ...[
          'apps/newcomer',
          'apps/billing',
          'test/database-page',
          'test/schema',
          'test/table-homes',
          'tools/access-matrix',
          'openapi.spec',
        ],
      ],
    ],
  ])('%s', async (_, args) => {
    const { exitCode, output } = await run(folder, args());
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
  });

  it('is refused where it exists already', () => {
    expect(() => writePart(folder, ['feature', 'billing/keepsake'])).toThrow('exists already');
    expect(() => writePart(folder, ['service', 'newcomer'])).toThrow('exists already');
  });

  it.each([
    ['service'],
    ['feature', 'nowhere/plan'],
    ['feature', 'gateway/plan'],
    ['service', 'Not A Name'],
    ['x', 'y'],
  ])('is refused for %s %s, which is not understood', (...args) => {
    expect(() => writePart(folder, args)).toThrow(/Invalid arguments|No such service|owns no data|Not a name/);
  });
});

function run(cwd: string, args: readonly string[]): Promise<{ exitCode: number | null; output: string }> {
  const child = spawn(process.execPath, ['--no-warnings', ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('close', (exitCode) => resolve({ exitCode, output })));
}
