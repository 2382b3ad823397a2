import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters, styleText } from 'node:util';
import { z } from 'zod';
import { type Command, parse, UsageError } from '#libs/command';
import { buildProgram, root } from '#libs/local';
import { copyOfSources } from '../suite/copy';
import { mutants, type Mutant } from './mutants';

const help = `npm run mutation:access [-- <word> …]

Checks that the access tests notice errors. It breaks the guards, contracts, and policies one at a time, in a copy of this
folder, and runs test/access-layers.spec.ts. If that passes, it runs test/e2e/access-matrix.spec.ts with its own suite. Takes
about ten minutes. Fails if an error goes unnoticed, or if the tests fail without an error.

  <word> …      only errors whose description contains one of these words

Examples
  npm run mutation:access
  npm run mutation:access -- scope`;

/** The one without a suite first, because it takes only seconds. */
const specs = ['test/access-layers.spec.ts', 'test/e2e/access-matrix.spec.ts'];
const limitMs = 10 * 60_000;

const test = z.object({ status: z.string(), title: z.string(), failureMessages: z.array(z.string()) });
const result = z.object({ testResults: z.array(z.object({ assertionResults: z.array(test) })) });

export const tryMutants: Command = async (args) => {
  const parsed = parse('mutation:access', args, {});
  if (parsed === undefined) return void console.log(help);
  const { positionals: words } = parsed;
  const chosen = mutants.filter(({ what }) => words.length === 0 || words.some((word) => what.includes(word)));
  if (chosen.length === 0) throw new UsageError(`No error has a description with ${words.join(' or ')}.`);
  const folder = copyOfSources('groundwork-mutants-');
  try {
    const broken = specs.flatMap((spec) => failuresOf(spec, folder));
    if (broken.length > 0) throw new Error(`The tests fail even without an error: ${broken.join('; ')}`);
    const survivors = chosen.filter((mutant) => !isNoticed(mutant, folder));
    console.log(`${chosen.length - survivors.length} of ${chosen.length} errors were noticed.`);
    return survivors.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

function isNoticed(mutant: Mutant, folder: string): boolean {
  const restore = apply(mutant, folder);
  try {
    for (const spec of specs) {
      const [first, ...others] = failuresOf(spec, folder);
      if (first === undefined) continue;
      console.log(
        `${styleText('green', '✓')} ${mutant.what}: ${first}${others.length > 0 ? `, and ${others.length} more` : ''}`,
      );
      return true;
    }
    console.log(`${styleText('red', '✗')} ${mutant.what}: nothing noticed it`);
    return false;
  } finally {
    restore();
  }
}

/** @returns a function that removes the mistake */
function apply({ what, file, find, replace }: Mutant, folder: string): () => void {
  const path = join(folder, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2)
    throw new Error(`Cannot apply "${what}": ${file} must contain this text exactly once: ${find}`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  return () => writeFileSync(path, source);
}

/** Returns the titles of tests whose outcome differed from the policies. */
function failuresOf(spec: string, folder: string): string[] {
  // Compiles in spite of type errors, which a mutant can have.
  spawnSync(process.execPath, [relative(root, buildProgram), '--no-check'], { cwd: folder, timeout: limitMs });
  const file = join(folder, 'results.json');
  rmSync(file, { force: true });
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--no-warnings', jest, spec, '--json', '--outputFile', file];
  const { stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: limitMs });
  const tests = readResult(file, stderr).testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed');
  const differing = failed.filter(({ failureMessages }) => failureMessages.some(isOfAnswers));
  if (tests.length === 0 || (failed.length > 0 && differing.length === 0))
    throw new Error(`The tests of ${spec} failed before they compared responses:\n${stderr.slice(-2_000)}`);
  return differing.map(({ title }) => title);
}

/** The test failed in a comparison, or while waiting for a refusal. */
function isOfAnswers(message: string): boolean {
  return /expect\(received\)|to be refused by every replica in vain/.test(stripVTControlCharacters(message));
}

function readResult(file: string, output: string): z.output<typeof result> {
  try {
    return result.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new Error(`The tests printed no result:\n${output.slice(-2_000)}`, { cause });
  }
}
