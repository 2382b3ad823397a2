import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { recordedProcess, type RecordedProcess, root, stopInOrder } from '#libs/local';
import { z } from 'zod';
import { RestartPause } from './restart-pause';

export interface Watchdog {
  /** From now on exactly these processes are stopped if this one dies. */
  guard(children: readonly RecordedProcess[]): void;
  /** Guards nothing any more, and deletes the folder. */
  release(): void;
}

/**
 * A small process that outlives this one. If this one dies, even by SIGKILL, the watchdog's standard input
 * ends, and it stops the children. Nothing else can, because they are detached so that Ctrl-C does not
 * reach them before their turn.
 * @param folder is useless without the processes, and is deleted after them
 */
export function startWatchdog(folder?: string): Watchdog {
  const pause = new RestartPause();
  let guarded = '[]';
  let released = false;
  let watcher = launch();
  return {
    guard: (children) => {
      guarded = JSON.stringify(children);
      watcher.stdin.write(`${guarded}\n`);
    },
    release: () => {
      released = true;
      watcher.stdin.end('[]\n');
    },
  };

  function launch() {
    const startedAt = Date.now();
    const child = spawnWatcher(folder);
    child.stdin.write(`${guarded}\n`);
    // A watchdog that was killed is replaced, because nothing else would clean up.
    child.once('exit', () => {
      if (!released) setTimeout(replace, pause.nextMs(Date.now() - startedAt)).unref();
    });
    return child;
  }

  function replace(): void {
    if (!released) watcher = launch();
  }
}

function spawnWatcher(folder: string | undefined) {
  const program = join(root, 'dist', 'tools', 'suite', 'watchdog.js');
  const child = spawn(process.execPath, folder === undefined ? [program] : [program, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return child;
}

async function watch(folder: string | undefined): Promise<void> {
  // It has its own group and session, so that whatever ends the terminal does not end it first.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);
  let last = '[]';
  for await (const line of createInterface({ input: process.stdin })) last = line;
  await stopInOrder(z.array(recordedProcess).parse(JSON.parse(last)), 5_000);
  // Retries if it is not empty yet, because a killed server's children may write a moment longer.
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

if (require.main === module) void watch(process.argv[2]);
