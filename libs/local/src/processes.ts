import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** Identifies one process. The start time is needed because process ids are reused. */
export const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });
export type ProcessIdentity = Readonly<z.output<typeof processIdentity>>;

/**
 * A process of ours as recorded on disk, so that a later run can clean up. `signal` asks it to stop. A
 * `server` stops after the processes that use it.
 */
export const recordedProcess = processIdentity.extend({
  name: z.string(),
  signal: z.enum(['SIGTERM', 'SIGINT']),
  server: z.boolean(),
});
export type RecordedProcess = Readonly<z.output<typeof recordedProcess>>;

/**
 * Returns the start time in the system's own format, or undefined if the process does not exist or is only
 * a zombie.
 */
export function startTime(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? linuxStartTime(readFileSync(`/proc/${pid}/stat`, 'utf8')) : psStartTime(pid);
  } catch {
    return undefined;
  }
}

/**
 * proc(5): the command in parentheses can contain anything. After it come the state (field 3), the number
 * of threads (20) and the start time (22). A killed process is a zombie once its first thread has ended,
 * but other threads keep its files and ports open.
 */
export function linuxStartTime(stat: string): string | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, startedAt] = [fields[0], Number(fields[17]), fields[19]];
  return state === 'X' || (state === 'Z' && threads <= 1) ? undefined : startedAt;
}

function psStartTime(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return line === '' || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ')).trim();
}

/** The command line, used to recognize our own processes. Empty if it can't be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}

export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = startTime(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isRunning({ pid, startedAt }: ProcessIdentity): boolean {
  return startTime(pid) === startedAt;
}

/** Sends the signal to exactly that process, and SIGKILL after `timeoutMs`. Resolves when the process has ended. */
export async function stopProcess(target: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!isRunning(target)) return;
  send(target, signal);
  if (await isGone(target, timeoutMs)) return;
  send(target, 'SIGKILL');
  await isGone(target, 2_000);
}

/** Kills exactly that process, if it still runs. */
export function killNow(target: ProcessIdentity): void {
  if (isRunning(target)) send(target, 'SIGKILL');
}

/** Stops processes that use the servers first. */
export async function stopInOrder(processes: readonly RecordedProcess[], timeoutMs: number): Promise<void> {
  for (const server of [false, true]) {
    const turn = processes.filter((candidate) => candidate.server === server);
    await Promise.all(turn.map((target) => stopProcess(target, target.signal, timeoutMs)));
  }
}

function send({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}

async function isGone(target: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isRunning(target)) {
    if (Date.now() >= deadline) return false;
    await delay(20);
  }
  return true;
}
