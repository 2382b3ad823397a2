import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { identify, stopProcess } from './processes';

/** A redis-server that this machine can run: its path and the environment it needs. */
export interface RedisServer {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RedisOptions {
  readonly server: RedisServer;
  readonly port: number;
  /** The folder of its append-only file. */
  readonly folder: string;
  /** More arguments for redis-server, such as `['--requirepass', 'secret']`. */
  readonly args?: readonly string[];
  readonly onOutput?: (text: string) => unknown;
}

export interface RunningRedis {
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Resolves with the signal or exit code. */
  readonly exited: Promise<string>;
  /** Sends SIGTERM. The data is kept for the next start. */
  stop(): Promise<void>;
  /** Sends SIGKILL, like a crash. */
  kill(): Promise<void>;
}

const startTimeoutMs = 20_000;
const stopTimeoutMs = 4_000;

export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const child = launch(options);
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`)),
  );
  await untilReady(child, options.onOutput);
  const server = identify(child.pid ?? 0);
  const end = async (signal: NodeJS.Signals) => {
    if (server !== undefined) await stopProcess(server, signal, stopTimeoutMs);
  };
  return {
    pid: child.pid ?? 0,
    port: options.port,
    url: `redis://127.0.0.1:${options.port}`,
    exited,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function launch({ server, port, folder, args = [] }: RedisOptions): ChildProcess {
  return spawn(
    server.path,
    [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'],
      ...['--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
      ...args,
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], ...server.env } },
  );
}

function untilReady(child: ChildProcess, onOutput: (text: string) => unknown = () => undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new Error(`Redis did not start (${why}):\n${output.trim()}`));
    };
    const timer = setTimeout(() => fail(`no response within ${startTimeoutMs / 1000} s`), startTimeoutMs);
    const listen = (chunk: Buffer) => {
      const text = chunk.toString();
      output = (output + text).slice(-4_000);
      onOutput(text);
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code, signal) => fail(`it ended with ${signal ?? code}`));
  });
}
