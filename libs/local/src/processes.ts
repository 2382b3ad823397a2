import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/** Names one process for good: a process id alone is reused, together with its start time it is not. */
export const processIdentity = z.object({ pid: z.int().positive(), startedAt: z.string() });
export type ProcessIdentity = Readonly<z.output<typeof processIdentity>>;

/**
 * A process of ours, as kept on disk for whoever has to clean up after us. `signal` asks it to leave; a `server` is used by
 * the others, which leave first.
 */
export const recordedProcess = processIdentity.extend({
  name: z.string(),
  signal: z.enum(['SIGTERM', 'SIGINT']),
  server: z.boolean(),
});
export type RecordedProcess = Readonly<z.output<typeof recordedProcess>>;

/** When the process started, in the system's own notation; undefined when there is no such process (or only its zombie). */
export function startTime(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? linuxStartTime(readFileSync(`/proc/${pid}/stat`, 'utf8')) : psStartTime(pid);
  } catch {
    return undefined;
  }
}

/**
 * proc(5): after the command in parentheses, which may hold anything, follow the state (3rd field), … the number of threads
 * (20th), … the start time (22nd). A killed process shows as a zombie as soon as its first thread has ended: as long as
 * there are others, its files and ports are still open.
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

/** The command line, for recognizing our own; empty when it can't be read. */
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

/** Sends the signal to that process and no other; after `timeoutMs` SIGKILL. Resolves when it is gone. */
export async function stopProcess(target: ProcessIdentity, signal: NodeJS.Signals, timeoutMs: number): Promise<void> {
  if (!isRunning(target)) return;
  send(target, signal);
  if (await isGone(target, timeoutMs)) return;
  send(target, 'SIGKILL');
  await isGone(target, 2_000);
}

/** That process and no other, which may have ended long ago. */
export function killNow(target: ProcessIdentity): void {
  if (isRunning(target)) send(target, 'SIGKILL');
}

/** Those that use the servers first. */
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
    // It left by itself in the meantime.
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
