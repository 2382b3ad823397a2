import fs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnProcess, type SpawnedProcess } from '#libs/testing';
import { identify, isRunning, type RecordedProcess } from '#libs/local';
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

it('of two that come after a killed run one gets the folder, and keeps it when the other one gives up', async () => {
  const leftovers = [spawnProcess('sleep', { args: ['600'] }), spawnProcess('sleep', { args: ['600'] })];
  const state = await claimFolder(folder);
  state.record('', leftovers.map(recorded));
  abandon();
  const results = await Promise.allSettled([claimFolder(folder), claimFolder(folder), claimFolder(folder)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(claimFolder(folder)).rejects.toThrow(AlreadyRunningError);
});

it('a lock that is somebody else’s by now is not released', async () => {
  const state = await claimFolder(folder);
  const other = spawnProcess('sleep', { args: ['600'] });
  writeFileSync(join(folder, 'run.lock'), JSON.stringify(identify(other.pid)));
  state.release();
  await expect(claimFolder(folder)).rejects.toThrow(`process ${other.pid}`);
});

it('a file system without links does not keep anyone from starting', async () => {
  const spy = jest.spyOn(fs, 'linkSync').mockImplementation(() => {
    throw new Error('EPERM: operation not permitted, link');
  });
  await claimFolder(folder);
  expect(spy).toHaveBeenCalled();
  spy.mockRestore();
});

it('a record that the disk does not take ends nothing', async () => {
  const state = await claimFolder(folder);
  mkdirSync(join(folder, 'run.json.new'));
  expect(state.record('', [])).toBe(false);
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
