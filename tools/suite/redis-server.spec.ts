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

it('one on the PATH is used, be it called Valkey', () => {
  const found = program(join(folder, 'bin', 'valkey-server'), '8.0.1');
  process.env['PATH'] = [join(folder, 'bin'), path].join(delimiter);
  expect(findRedisServer(join(folder, 'cache'))).toEqual({ path: found, env: {} });
});

it('one that is too old is passed over for the next', () => {
  program(join(folder, 'old', 'redis-server'), '6.2.14');
  const found = program(join(folder, 'new', 'redis-server'), '7.2.4');
  process.env['PATH'] = [join(folder, 'old'), join(folder, 'new'), path].join(delimiter);
  expect(findRedisServer(join(folder, 'cache')).path).toBe(found);
});

it('one downloaded before is used again, with its own libraries', () => {
  // Nothing of the system's may be found before it.
  process.env['PATH'] = '';
  const cache = join(folder, 'cache');
  const libraries = join(cache, 'usr', 'lib', 'x86_64-linux-gnu');
  mkdirSync(libraries, { recursive: true });
  const cached = program(join(cache, 'usr', 'bin', 'redis-server'), '7.0.15');
  const found = findRedisServer(cache);
  // Where the machine has a server of its own in a usual place, that one is as good.
  if (found.path === cached) expect(found.env['LD_LIBRARY_PATH']).toContain(libraries);
  else expect(found.path).toMatch(/^\/(usr|opt)\//);
});

it('without a package manager, Docker or a server on the PATH, one sentence says what to install', () => {
  process.env['PATH'] = '';
  const find = () => findRedisServer(join(folder, 'cache'));
  const elsewhere = ['/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'].flatMap((bin) =>
    ['redis-server', 'valkey-server'].map((name) => join(bin, name)),
  );
  if (elsewhere.some((file) => existsSync(file))) expect(find().path).toMatch(/^\/(usr|opt)\//);
  else expect(find).toThrow(/^Redis 7 or newer is required.*\n.*install .*\n.*Docker\n.*REDIS_URL/);
});
