import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findRedisServer } from './redis-server';

const path = process.env['PATH'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-find-'));
});

afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

function program(file: string, version: string): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho "Redis server v=${version} sha=00000000:0 bits=64"\n`);
  chmodSync(file, 0o755);
  return file;
}

it('uses a server on the PATH, including Valkey', () => {
  const found = program(join(folder, 'bin', 'valkey-server'), '8.0.1');
  process.env['PATH'] = [join(folder, 'bin'), path].join(delimiter);
  expect(findRedisServer(join(folder, 'cache'))).toEqual({ path: found, env: {} });
});

it('skips a server that is too old', () => {
  program(join(folder, 'old', 'redis-server'), '6.2.14');
  const found = program(join(folder, 'new', 'redis-server'), '7.2.4');
  process.env['PATH'] = [join(folder, 'old'), join(folder, 'new'), path].join(delimiter);
  expect(findRedisServer(join(folder, 'cache')).path).toBe(found);
});

it('reuses a downloaded server with its own libraries', () => {
  // No server of the system must be found first.
  process.env['PATH'] = '';
  const cache = join(folder, 'cache');
  const libraries = join(cache, 'usr', 'lib', 'x86_64-linux-gnu');
  mkdirSync(libraries, { recursive: true });
  const cached = program(join(cache, 'usr', 'bin', 'redis-server'), '7.0.15');
  const found = findRedisServer(cache);
  // If the machine has a server in a usual place, that one is fine too.
  if (found.path === cached) expect(found.env['LD_LIBRARY_PATH']).toContain(libraries);
  else expect(found.path).toMatch(/^\/(usr|opt)\//);
});

it('says in one sentence what to install if there is no server, package manager or Docker', () => {
  process.env['PATH'] = '';
  const find = () => findRedisServer(join(folder, 'cache'));
  const elsewhere = ['/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'].flatMap((bin) =>
    ['redis-server', 'valkey-server'].map((name) => join(bin, name)),
  );
  if (elsewhere.some((file) => existsSync(file))) expect(find().path).toMatch(/^\/(usr|opt)\//);
  else expect(find).toThrow(/^Redis 7 or newer is required.*\n.*install .*\n.*Docker\n.*REDIS_URL/);
});
