import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process at one moment. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, including children that have ended, if the system reports it. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

// USER_HZ: proc(5) counts CPU time in 1/100 s on every Linux, whatever the kernel's tick.
const ticksPerSecond = 100;
const pageBytes = 4_096;

export function processTable(): ProcessRow[] {
  if (process.platform !== 'linux')
    return fromPs(execFileSync('ps', ['-A', '-o', 'pid=,ppid=,time=,rss='], { encoding: 'utf8' }));
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => fromProcStat(readOrUndefined(`/proc/${pid}/stat`)) ?? []);
}

/**
 * proc(5): the command in parentheses can contain anything. After it come the state (field 3), the parent
 * and so on.
 */
export function fromProcStat(stat: string | undefined): ProcessRow | undefined {
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  const ticks = field(14) + field(15) + field(16) + field(17);
  return {
    pid: Number.parseInt(stat),
    parent: field(4),
    cpuSeconds: ticks / ticksPerSecond,
    residentBytes: field(24) * pageBytes,
  };
}

/** Lines of pid, parent, `[[d-]h:]m:s` of CPU time, KiB of resident memory. */
export function fromPs(output: string): ProcessRow[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, parent, time = '', kibibytes] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s*$/.exec(line) ?? [];
    if (pid === undefined) return [];
    const [days, clock] = time.includes('-') ? time.split('-') : ['0', time];
    const clockSeconds = (clock ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const cpuSeconds = Number(days) * 86_400 + clockSeconds;
    return { pid: Number(pid), parent: Number(parent), cpuSeconds, residentBytes: Number(kibibytes) * 1_024 };
  });
}

/** A process with all its descendants, such as PostgreSQL's process for each connection. */
export function familyOf(pid: number, table: readonly ProcessRow[]): ProcessRow[] {
  const children = table.filter(({ parent }) => parent === pid).flatMap((child) => familyOf(child.pid, table));
  return [...table.filter((row) => row.pid === pid), ...children];
}

export interface NamedProcess {
  readonly name: string;
  readonly pid: number;
}

/** CPU seconds since each process started, including descendants. */
export function cpuSecondsOf(processes: readonly NamedProcess[]): Record<string, number> {
  const table = processTable();
  return Object.fromEntries(
    processes.map(({ name, pid }) => [name, familyOf(pid, table).reduce((sum, row) => sum + row.cpuSeconds, 0)]),
  );
}

export interface Memory {
  readonly bytes: number;
  /**
   * `pss`: memory shared by several processes counts in part for each, so sums are correct. `rss`: it counts
   * fully for each, so sums are too high. Used if the system has or shows no other value.
   */
  readonly kind: 'pss' | 'rss';
}

export function memoryOf(pid: number, table: readonly ProcessRow[]): Memory {
  // A zombie uses no memory and has no such file.
  const family = familyOf(pid, table).filter(({ residentBytes }) => residentBytes > 0);
  const proportional = family.map((row) => pssIn(readOrUndefined(`/proc/${row.pid}/smaps_rollup`)));
  if (proportional.every((bytes) => bytes !== undefined)) return { bytes: sum(proportional), kind: 'pss' };
  return { bytes: sum(family.map(({ residentBytes }) => residentBytes)), kind: 'rss' };
}

export function pssIn(smapsRollup: string | undefined): number | undefined {
  const kibibytes = /^Pss:\s+(\d+) kB$/m.exec(smapsRollup ?? '')?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function readOrUndefined(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended in the meantime, belongs to another user, or this system has no such file.
    return undefined;
  }
}
