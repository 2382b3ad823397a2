import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { freePort, type RunningRedis, startRedis } from '#libs/local';
import { certificate, privateKey } from './certificate';
import { cleanupOnce } from './cleanup';
import { testVariable } from './environment';
import { killWhenWeDie } from './guard';

export interface TestRedisOptions {
  readonly password?: string;
  /** Enables TLS only. Clients trust `caFile`. */
  readonly tls?: boolean;
  /** More arguments for redis-server. */
  readonly args?: readonly string[];
}

export interface TestRedis {
  /** Contains the password, and `rediss://` if TLS is on. It stays the same after restarts. */
  readonly url: string;
  readonly port: number;
  readonly caFile: string | undefined;
  /** Stops it as an operator would, keeping the data. */
  stop(): Promise<void>;
  /** Kills it like a crash. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops and starts it. `empty` deletes all data in between. */
  restart(options?: { empty?: boolean }): Promise<void>;
}

const redisServer = z.object({ path: z.string(), env: z.record(z.string(), z.string()) });

/** Starts a redis-server on a free port and stops it after the file's tests. */
export async function testRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const server = redisServer.parse(JSON.parse(testVariable('TEST_REDIS_SERVER')));
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-redis-'));
  const launch = (port: number) => startRedis({ server, port, folder, args: serverArguments(options, folder, port) });
  let running: RunningRedis | undefined = await onAnyPort(launch);
  let release = killWhenWeDie(running.pid);
  const { port } = running;
  const start = async () => {
    if (running !== undefined) return;
    running = await launch(port);
    release = killWhenWeDie(running.pid);
  };
  const end = async (how: 'stop' | 'kill') => {
    await running?.[how]();
    running = undefined;
    release();
  };
  cleanupOnce(async () => {
    await end('kill');
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: urlOf(options, port),
    port,
    caFile: options.tls === true ? join(folder, 'server.pem') : undefined,
    stop: () => end('stop'),
    kill: () => end('kill'),
    start,
    restart: async ({ empty = false } = {}) => {
      await end(empty ? 'kill' : 'stop');
      if (empty) rmSync(join(folder, 'appendonlydir'), { recursive: true, force: true });
      await start();
    },
  };
}

/** Another test's server can take the port between the check and the start. */
async function onAnyPort(launch: (port: number) => Promise<RunningRedis>): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}

function serverArguments(
  { password, tls = false, args = [] }: TestRedisOptions,
  folder: string,
  port: number,
): string[] {
  const all = [...args];
  if (password !== undefined) all.push('--requirepass', password);
  if (tls) {
    const pem = join(folder, 'server.pem');
    const key = join(folder, 'server-key.pem');
    writeFileSync(pem, certificate);
    writeFileSync(key, privateKey, { mode: 0o600 });
    all.push('--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no');
    all.push('--tls-cert-file', pem, '--tls-key-file', key, '--tls-ca-cert-file', pem);
  }
  return all;
}

function urlOf({ password, tls = false }: TestRedisOptions, port: number): string {
  const credentials = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return `${tls ? 'rediss' : 'redis'}://${credentials}127.0.0.1:${port}`;
}
