import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { spawnProcess } from '#libs/testing';
import { redisInDocker } from './redis-docker';

const path = process.env['PATH'];
let folder: string;

/** Stands in for Docker and records its calls. */
function fakeDocker(exitCode: number): void {
  mkdirSync(join(folder, 'bin'));
  const calls = join(folder, 'calls');
  writeFileSync(join(folder, 'bin', 'docker'), `#!/bin/sh\necho "$@" >> '${calls}'\nexit ${exitCode}\n`, {
    mode: 0o755,
  });
  process.env['PATH'] = [join(folder, 'bin'), path].join(delimiter);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork docker '));
});

afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

it("publishes the container's port only on this machine and keeps its data in the folder", async () => {
  fakeDocker(0);
  const server = redisInDocker(join(folder, 'cache'));
  const args = ['--port', '7001', '--bind', '127.0.0.1', '--dir', '/data/of ours', '--appendonly', 'yes'];
  const run = spawnProcess(server?.path ?? '', { args, env: { ...server?.env, PATH: process.env['PATH'] ?? '' } });
  expect(await run.exited).toEqual({ code: 0, signal: null });
  const [, removed, started] = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
  expect(removed).toBe('rm --force groundwork-redis-7001');
  expect(started).toContain('--publish 127.0.0.1:7001:7001 --volume /data/of ours:/data/of ours');
  expect(started).toMatch(
    /--entrypoint redis-server redis:7-alpine --port 7001 .*--bind 0\.0\.0\.0 --protected-mode no$/,
  );
});

it('publishes the TLS port if TLS is used', async () => {
  fakeDocker(0);
  const server = redisInDocker(join(folder, 'cache'));
  const args = ['--port', '7001', '--port', '0', '--tls-port', '7002'];
  await spawnProcess(server?.path ?? '', { args, env: { PATH: process.env['PATH'] ?? '' } }).exited;
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toContain('--publish 127.0.0.1:7002:7002');
});

it('returns undefined without a Docker daemon', () => {
  fakeDocker(1);
  expect(redisInDocker(join(folder, 'cache'))).toBeUndefined();
});
