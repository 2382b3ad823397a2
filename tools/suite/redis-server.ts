import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { RedisServer } from '#libs/local';
import { hasPackages, isExecutable, libraryFolders, unpackDebianPackage } from './debian-package';
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

function downloaded(cache: string, say: (line: string) => void): RedisServer | undefined {
  if (!hasPackages()) return undefined;
  say('Downloading redis-server into this project (not installed on your system) …');
  unpackDebianPackage(names, cache, (folder) => inCache(folder) !== undefined);
  return inCache(cache);
}
