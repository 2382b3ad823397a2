import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const modules = join(root, 'node_modules');
const record = join(modules, '.groundwork-installed');
const oldestNode = '24.15.0';

/**
 * Installs what the lockfile says, unless it is already installed.
 * @returns {Promise<string>} the Node to continue with: the lockfile's, or the current one on a platform
 * that the lockfile has none for
 */
export async function install() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  if (!isInstalled(lock, hash)) await alone(() => isInstalled(lock, hash), hash);
  return suitableNode();
}

/**
 * If `npm start` and `npm test` run in two terminals of a fresh clone, one installs and the other waits.
 * @param {() => boolean} isDone
 * @param {string} hash
 */
async function alone(isDone, hash) {
  const lock = join(root, '.local', 'install.lock');
  mkdirSync(dirname(lock), { recursive: true });
  while (!takeLock(lock)) await new Promise((resolve) => setTimeout(resolve, 500));
  process.once('exit', () => rmSync(lock, { force: true }));
  if (isDone()) return rmSync(lock, { force: true });
  await runNpmCi();
  writeFileSync(record, hash);
  rmSync(lock, { force: true });
}

/** @param {string} lock */
function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isAlive(Number(readFileSync(lock, { encoding: 'utf8', flag: 'a+' })))) rmSync(lock, { force: true });
    return false;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Compares a hash first. If the user ran npm by hand, npm's own record shows what it installed.
 * @param {string} lock
 * @param {string} hash
 */
function isInstalled(lock, hash) {
  const npmsRecord = join(modules, '.package-lock.json');
  if (!existsSync(npmsRecord)) return false;
  if (existsSync(record)) return readFileSync(record, 'utf8') === hash || matches(lock, npmsRecord, hash);
  return matches(lock, npmsRecord, hash);
}

/**
 * @param {string} lock
 * @param {string} npmsRecord
 * @param {string} hash
 */
function matches(lock, npmsRecord, hash) {
  const wanted = JSON.parse(lock).packages;
  const present = JSON.parse(readFileSync(npmsRecord, 'utf8')).packages;
  const same = Object.keys(wanted).every((path) => {
    if (path === '') return true;
    if (present[path] === undefined) return wanted[path].optional === true || wanted[path].extraneous === true;
    return present[path].version === wanted[path].version && present[path].integrity === wanted[path].integrity;
  });
  if (same) writeFileSync(record, hash);
  return same;
}

// The registry stopped responding. npm keeps what it has downloaded, and the next attempt continues from
// there.
const passingFault = /\b(?:EIDLETIMEOUT|ETIMEDOUT|ECONNRESET|ECONNREFUSED|EAI_AGAIN|ERR_SOCKET_TIMEOUT|E50[234])\b/;
const tries = 4;
const ciOptions = [
  '--include=dev',
  '--include=optional',
  '--ignore-scripts=false',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
  '--fetch-timeout=60000',
];

/**
 * npm's output, with more than a hundred warnings about Node's version, goes to a log. The terminal shows
 * the elapsed seconds.
 */
async function runNpmCi() {
  const log = join(root, '.local', 'logs', 'install.log');
  mkdirSync(dirname(log), { recursive: true });
  const progress = showProgress('Installing dependencies (npm ci)');
  let code = 1;
  for (let attempt = 1; attempt <= tries; attempt++) {
    code = await npm(['ci', ...ciOptions], log);
    if (code === 0 || !passingFault.test(readFileSync(log, 'utf8'))) break;
    if (attempt < tries) progress.note(`the registry did not respond, retrying (${attempt + 1} of ${tries})`);
  }
  progress.stop(code === 0 ? 'done' : 'failed');
  if (code === 0) return;
  console.error(
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => !line.includes('EBADENGINE'))
      .slice(-25)
      .join('\n'),
  );
  console.error(`\nnpm ci failed. See the full log in ${log}`);
  process.exit(1);
}

/**
 * @param {readonly string[]} args
 * @param {string} log
 * @returns {Promise<number>}
 */
function npm(args, log) {
  const output = createWriteStream(log, { mode: 0o600 });
  const cli = process.env['npm_execpath'];
  const [command, before] = cli !== undefined && /\.c?js$/.test(cli) ? [process.execPath, [cli]] : ['npm', []];
  const child = spawn(command, [...before, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  return new Promise((resolve) => {
    child.once('error', (error) => output.end(String(error), () => resolve(1)));
    child.once('close', (code) => output.end(() => resolve(code ?? 1)));
  });
}

/** @param {string} what */
function showProgress(what) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const live = process.stdout.isTTY;
  process.stdout.write(live ? `${what} …` : `${what} …\n`);
  const timer = setInterval(() => live && process.stdout.write(`\r${what} … ${seconds()} s`), 1000);
  /** @param {string} text */
  const line = (text) => process.stdout.write(`${live ? '\r' : ''}${what} … ${text}, ${seconds()} s\n`);
  return {
    note: line,
    /** @param {string} outcome */
    stop(outcome) {
      clearInterval(timer);
      line(outcome);
    },
  };
}

function suitableNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const bundled = join(modules, `node-${platform}-${process.arch}`, 'bin', file);
  if (existsSync(bundled)) return bundled;
  if (!isOlder(process.versions.node, oldestNode)) return process.execPath;
  console.error(
    `There is no bundled Node for ${process.platform} ${process.arch}, and Node ${process.versions.node} is too old. ` +
      `Install Node ${oldestNode} or newer (https://nodejs.org), then try again.`,
  );
  return process.exit(1);
}

/**
 * @param {string} version
 * @param {string} other
 */
function isOlder(version, other) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
