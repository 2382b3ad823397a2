import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const lock = join(dist, '.building');
const unchecked = 'unchecked';

/**
 * Compiles what changed since the last build. JavaScript is written in spite of type errors, which the
 * exit code reports.
 * @param {{ checkTypes: boolean }} options without the type check it takes a third of the time
 * @returns {Promise<{ exitCode: number, output: string }>}
 */
export async function build({ checkTypes }) {
  mkdirSync(dist, { recursive: true });
  while (!takeLock()) await delay(50);
  try {
    const sources = globSync('{apps,libs,scripts,tools}/**/*.ts', { cwd: root }).filter(isCompiled);
    const isStale = removeStale(new Set(sources));
    if (!isStale && isFresh(sources, checkTypes)) return { exitCode: 0, output: '' };
    return compile(sources, checkTypes);
  } finally {
    rmSync(lock, { force: true });
  }
}

/**
 * Matches tsconfig.build.json.
 * @param {string} file
 */
function isCompiled(file) {
  return !/\.spec\.ts$|^(?:apps|libs)[\\/][^\\/]+[\\/]test[\\/]|^tools[\\/]lint[\\/]/.test(file);
}

/** Two builds must not write the same files. The lock of a killed process is ignored. */
function takeLock() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isHeld()) rmSync(lock, { force: true });
    return false;
  }
}

function isHeld() {
  try {
    // A build takes seconds, so an older lock belongs to a dead process, even if its process id is in use
    // again.
    if (Date.now() - statSync(lock).mtimeMs > 60_000) return false;
    const owner = Number(readFileSync(lock, 'utf8'));
    return owner === 0 || process.kill(owner, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Removes the output of deleted and renamed sources, which would still be loaded, such as a migration.
 * @param {ReadonlySet<string>} sources
 * @returns whether there was any, in which case its importers must be checked again
 */
function removeStale(sources) {
  let removed = false;
  for (const file of globSync('{apps,libs,scripts,test,tools}/**/*.js', { cwd: dist })) {
    // The console's pages are built by another tool.
    if (file.startsWith(join('apps', 'web')) || sources.has(file.replace(/\.js$/, '.ts'))) continue;
    rmSync(join(dist, file));
    rmSync(join(dist, `${file}.map`), { force: true });
    removed = true;
  }
  return removed;
}

/**
 * @param {readonly string[]} sources
 * @param {boolean} checkTypes
 */
function isFresh(sources, checkTypes) {
  if (!existsSync(stamp)) return false;
  const [built, ...how] = readFileSync(stamp, 'utf8').split(' ');
  if (checkTypes && how.includes(unchecked)) return false;
  return built === versionOf(sources) && sources.every((file) => file.endsWith('.d.ts') || existsSync(outputOf(file)));
}

/**
 * Any other time than at the last build counts as a change, even an earlier one, because a file may have
 * been restored.
 * @param {readonly string[]} sources
 */
function versionOf(sources) {
  const files = [...sources, 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'].sort();
  const times = files.map((file) => `${file} ${statSync(join(root, file)).mtimeMs}`);
  return createHash('sha256').update(times.join('\n')).digest('hex');
}

/** @param {string} source */
function outputOf(source) {
  return join(dist, source.replace(/\.ts$/, '.js'));
}

/**
 * @param {readonly string[]} sources
 * @param {boolean} checkTypes
 */
function compile(sources, checkTypes) {
  const version = versionOf(sources);
  // The compiler trusts its build info about written files. Without it, it writes everything again.
  const incomplete = sources.some((file) => !file.endsWith('.d.ts') && !existsSync(outputOf(file)));
  if (incomplete && existsSync(stamp)) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  rmSync(stamp, { force: true });
  const compiler = join(root, 'node_modules', 'typescript-7', 'bin', 'tsc');
  const args = [compiler, '-p', 'tsconfig.build.json', ...(checkTypes ? [] : ['--noCheck'])];
  const result = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (result.status === 0) writeFileSync(stamp, checkTypes ? version : `${version} ${unchecked}`);
  return { exitCode: result.status ?? 1, output: result.stdout + result.stderr };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { exitCode, output } = await build({ checkTypes: !process.argv.includes('--no-check') });
  process.stdout.write(output);
  process.exitCode = exitCode;
}
