import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '#libs/testing';
import { cpuSecondsOf, familyOf, fromProcStat, fromPs, memoryOf, processTable, pssIn } from './process-usage';

describe('reading /proc', () => {
  const stat =
    '421 (a) b (c) S 17 421 421 0 -1 4194560 1 2 3 4 250 50 30 20 20 0 11 0 7349 1090920448 12000 18446744073709551615';

  it('finds the fields after a command with spaces and parentheses', () => {
    expect(fromProcStat(stat)).toEqual({ pid: 421, parent: 17, cpuSeconds: 3.5, residentBytes: 12_000 * 4_096 });
  });

  it('skips a process that has ended', () => {
    expect(fromProcStat(undefined)).toBeUndefined();
  });

  it('reads the proportional size, not its parts', () => {
    expect(pssIn('55e0-7ffc ---p 00000000 00:00 0 [rollup]\nRss: 90 kB\nPss: 40 kB\nPss_Anon: 7 kB\n')).toBe(40_960);
    expect(pssIn('Rss: 90 kB\n')).toBeUndefined();
    expect(pssIn(undefined)).toBeUndefined();
  });
});

describe('reading ps without /proc', () => {
  it('parses every time format', () => {
    const rows = fromPs('    1     0   0:01.50   1024\n   20     1 1-02:03:04 2048\n   30     1   10:00:00  1\n\n');
    expect(rows).toEqual([
      { pid: 1, parent: 0, cpuSeconds: 1.5, residentBytes: 1_048_576 },
      { pid: 20, parent: 1, cpuSeconds: 93_784, residentBytes: 2_097_152 },
      { pid: 30, parent: 1, cpuSeconds: 36_000, residentBytes: 1_024 },
    ]);
  });

  it('skips other lines', () => {
    expect(fromPs('PID PPID TIME RSS\n')).toEqual([]);
  });
});

describe('a family of processes', () => {
  const row = (pid: number, parent: number) => ({ pid, parent, cpuSeconds: pid, residentBytes: pid });
  const table = [row(1, 0), row(2, 1), row(3, 2), row(4, 1), row(5, 0)];

  it('contains all descendants and no others', () => {
    expect(familyOf(1, table).map(({ pid }) => pid)).toEqual([1, 2, 3, 4]);
    expect(familyOf(5, table).map(({ pid }) => pid)).toEqual([5]);
    expect(familyOf(99, table)).toEqual([]);
  });
});

describe('the machine that runs the tests', () => {
  it('counts the CPU time of a process’s child', async () => {
    const me = [{ name: 'me', pid: process.pid }];
    const before = cpuSecondsOf(me)['me'] ?? NaN;
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    try {
      await eventually(() => (cpuSecondsOf([{ name: 'busy', pid: busy.pid ?? 0 }])['busy'] ?? 0) >= 0.2);
      expect((cpuSecondsOf(me)['me'] ?? NaN) - before).toBeGreaterThanOrEqual(0.2);
    } finally {
      busy.kill('SIGKILL');
    }
  });

  it('measures how much memory a process uses', async () => {
    // A process without children, because a former child of this one could be ending.
    const idle = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")']);
    try {
      await once(idle.stdout, 'data');
      const { bytes, kind } = memoryOf(idle.pid ?? 0, processTable());
      expect(kind).toBe(process.platform === 'linux' ? 'pss' : 'rss');
      expect(bytes).toBeGreaterThan(10_000_000);
    } finally {
      idle.kill('SIGKILL');
    }
  });
});
