import { spawn, type ChildProcess } from 'node:child_process';
import { cleanupOnce } from './cleanup';
import { killWhenWeDie } from './guard';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SpawnOptions {
  readonly args?: readonly string[];
  /** Replaces this process's environment, except for PATH. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface SpawnedProcess {
  readonly pid: number;
  /** Everything written so far, in the order in which it arrived. */
  output(): string;
  /** Resolves with the match. Fails if the process ends or the timeout passes first. */
  waitForOutput(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  readonly exited: Promise<Exit>;
  /** Sends the signal (default SIGTERM) and resolves when the process has ended. */
  kill(signal?: NodeJS.Signals): Promise<Exit>;
}

/** Runs a program: `.js` files with the current Node. Processes that still run after the file's tests are killed. */
export function spawnProcess(file: string, { args = [], env = {}, cwd }: SpawnOptions = {}): SpawnedProcess {
  const [command, before] = /\.[cm]?js$/.test(file) ? [process.execPath, [file]] : [file, []];
  const child = spawn(command, [...before, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const release = killWhenWeDie(child.pid ?? 0);
  const exited = exitOf(child).finally(release);
  const kill = (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal);
    return exited;
  };
  cleanupOnce(async () => void (await kill('SIGKILL')));
  return {
    pid: child.pid ?? 0,
    output: () => output,
    waitForOutput: (pattern, timeoutMs = 60_000) => waitFor(child, pattern, () => output, timeoutMs),
    exited,
    kill,
  };
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    // `close` comes after the last output. It never comes for a program that could not be started.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

function waitFor(
  child: ChildProcess,
  pattern: RegExp,
  output: () => string,
  timeoutMs: number,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, '')).exec(output());
      if (match !== null) settle(() => resolve(match));
    };
    const fail = (why: string) =>
      settle(() => reject(new Error(`${why} without writing ${pattern}. Its output:\n${output()}`)));
    const timer = setTimeout(() => fail(`The program ran for ${timeoutMs} ms`), timeoutMs);
    const onClose = () => fail('The program ended');
    const settle = (then: () => void) => {
      clearTimeout(timer);
      for (const stream of [child.stdout, child.stderr]) stream?.off('data', look);
      child.off('close', onClose);
      then();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);
    child.on('close', onClose);
    look();
    if (child.exitCode !== null && child.stdout?.readableEnded === true) onClose();
  });
}
