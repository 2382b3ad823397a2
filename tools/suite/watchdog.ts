import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { recordedProcess, type RecordedProcess, root, stopInOrder } from '#libs/local';
import { z } from 'zod';
import { RestartPause } from './restart-pause';

export interface Watchdog {
  /** From now on these, and only these, are stopped should we die. */
  guard(children: readonly RecordedProcess[]): void;
  /** Nothing is left to guard, but the folder, which goes. */
  release(): void;
}

/**
 * A small process that outlives us: when we die, be it by SIGKILL, its standard input ends and it stops our children.
 * Nothing else could: they are detached, so that Ctrl-C does not reach them before their turn.
 *
 * @param folder what they keep there is of no use without them, and is deleted after them
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
    // One that was killed itself is replaced, as nobody else would clean up after us.
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
  // Its own group and session: whatever ends the terminal must not end it first.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);
  let last = '[]';
  for await (const line of createInterface({ input: process.stdin })) last = line;
  await stopInOrder(z.array(recordedProcess).parse(JSON.parse(last)), 5_000);
  // Again when it is not empty yet: what a killed server started may write a moment longer.
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

if (require.main === module) void watch(process.argv[2]);
