import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnProcess, type SpawnedProcess } from '#libs/testing';
import { identify, isRunning, type RecordedProcess } from './processes';
import { AlreadyRunningError, claimFolder, readRecord } from './run-state';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork run '));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function recorded(child: SpawnedProcess): RecordedProcess {
  const identity = identify(child.pid);
  if (identity === undefined) throw new Error('It does not run.');
  return { ...identity, name: 'sleeper', signal: 'SIGTERM', server: false };
}

/** As if the process that holds the folder had been killed. */
function abandon(): void {
  writeFileSync(join(folder, 'run.lock'), JSON.stringify({ pid: process.pid, startedAt: 'before this process' }));
}

it('a second run is refused, with the first one’s address', async () => {
  const state = await claimFolder(folder);
  state.record('http://localhost:3000', []);
  await expect(claimFolder(folder)).rejects.toThrow(AlreadyRunningError);
  await expect(claimFolder(folder)).rejects.toThrow(`http://localhost:3000 (process ${process.pid})`);
  state.release();
  (await claimFolder(folder)).release();
});

it('of two that start together one gets the folder', async () => {
  const results = await Promise.allSettled([claimFolder(folder), claimFolder(folder), claimFolder(folder)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('what a killed run left behind is stopped before the next one starts', async () => {
  const leftover = spawnProcess('sleep', { args: ['600'] });
  const state = await claimFolder(folder);
  state.record('', [recorded(leftover)]);
  abandon();
  await claimFolder(folder);
  expect(await leftover.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

it('a process that has only the number of a recorded one is left alone', async () => {
  const stranger = spawnProcess('sleep', { args: ['600'] });
  const state = await claimFolder(folder);
  state.record('', [{ ...recorded(stranger), startedAt: 'another time' }]);
  abandon();
  await claimFolder(folder);
  expect(isRunning(recorded(stranger))).toBe(true);
});

it('a damaged lock or record does not keep anyone from starting', async () => {
  writeFileSync(join(folder, 'run.lock'), '{"pid":');
  writeFileSync(join(folder, 'run.json'), 'nonsense');
  const state = await claimFolder(folder);
  state.record('http://localhost:1', []);
  expect(readRecord(folder).url).toBe('http://localhost:1');
});
