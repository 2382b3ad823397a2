import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { RedisServer } from '#libs/local';
import { redisInDocker } from './redis-docker';

const names = ['redis-server', 'valkey-server'];
const oldest = 7;

const howToInstall = [
  `Redis ${oldest} or newer is required, but was not found. Do one of these, then try again:`,
  process.platform === 'darwin'
    ? '  brew install redis'
    : '  install redis-server or valkey-server with your package manager',
  '  start Docker',
  '  set REDIS_URL to your own server',
].join('\n');

/**
 * Finds a Redis server, since no npm package contains one. In this order: on the PATH, downloaded before,
 * the package of Debian or Ubuntu unpacked into `cache` (works without root), in a container. Nothing is
 * installed on the system.
 */
export function findRedisServer(cache: string, say: (line: string) => void = () => undefined): RedisServer {
  const found = onPath() ?? inCache(cache) ?? downloaded(cache, say) ?? redisInDocker(`${cache}-docker`);
  if (found === undefined) throw new Error(howToInstall);
  return found;
}

function onPath(): RedisServer | undefined {
  // A user's PATH often lacks sbin and Homebrew's folders.
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/local/sbin',
    '/usr/sbin',
    '/opt/homebrew/bin',
  ];
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter(isExecutable)
    .map((path) => ({ path, env: {} }))
    .find(isRecent);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isRecent({ path, env }: RedisServer): boolean {
  const { error, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', env: { ...process.env, ...env } });
  return error === undefined && Number(/v=(\d+)/.exec(stdout)?.[1] ?? 0) >= oldest;
}

function inCache(cache: string): RedisServer | undefined {
  const binaries = join(cache, 'usr', 'bin');
  const path = names.map((name) => join(binaries, name)).find(isExecutable);
  if (path === undefined) return undefined;
  const server = { path, env: { LD_LIBRARY_PATH: libraryFolders(cache).join(delimiter) } };
  return isRecent(server) ? server : undefined;
}

/** `usr/lib/<architecture>`, where Debian puts libraries, and `usr/lib` itself. */
function libraryFolders(cache: string): string[] {
  const lib = join(cache, 'usr', 'lib');
  if (!existsSync(lib)) return [];
  const nested = readdirSync(lib, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [lib, ...nested.map((entry) => join(lib, entry.name))];
}

function downloaded(cache: string, say: (line: string) => void): RedisServer | undefined {
  if (!isExecutable('/usr/bin/apt-get') || !isExecutable('/usr/bin/dpkg-deb')) return undefined;
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}-`);
  try {
    say('Downloading redis-server into this project (not installed on your system) …');
    if (!names.some((name) => unpackPackage(name, folder))) return undefined;
    // Another run may have been faster. Both copies are the same.
    rmSync(cache, { recursive: true, force: true });
    renameSync(folder, cache);
    return inCache(cache);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package and its dependencies that are not installed, as `apt-get install` would choose them. */
function unpackPackage(name: string, folder: string): boolean {
  const lists = packageLists(name, folder);
  const plan = apt([...lists, 'install', '--simulate', '--no-install-recommends', name], folder);
  const packages = [...plan.matchAll(/^Inst (\S+) .*?\((\S+)/gm)].map(([, pkg, version]) => `${pkg}=${version}`);
  if (packages.length === 0) return false;
  apt([...lists, 'download', ...packages], folder);
  const archives = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  for (const archive of archives) {
    spawnSync('dpkg-deb', ['-x', archive, '.'], { cwd: folder });
    rmSync(join(folder, archive));
  }
  rmSync(join(folder, 'apt'), { recursive: true, force: true });
  return inCache(folder) !== undefined;
}

/** A fresh machine has no package lists, and only root can fetch the system's, so this fetches its own. */
function packageLists(name: string, folder: string): string[] {
  if (/^\s+Candidate: (?!\(none\))/m.test(run('apt-cache', ['policy', name], folder))) return [];
  const state = join(folder, 'apt');
  mkdirSync(join(state, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(state, 'cache', 'archives', 'partial'), { recursive: true });
  const options = ['-o', `Dir::State::Lists=${join(state, 'lists')}`, '-o', `Dir::Cache=${join(state, 'cache')}`];
  apt([...options, 'update'], folder);
  return options;
}

function apt(args: readonly string[], folder: string): string {
  // Unsandboxed as root, because apt's own user could not write into this folder.
  return run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', ...args], folder);
}

/** @returns its output; empty if the command does not exist or takes too long */
function run(command: string, args: readonly string[], cwd: string): string {
  const { error, stdout } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, LC_ALL: 'C' },
  });
  return error === undefined ? stdout : '';
}
