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

/** Simulates that the process with the folder was killed. */
function abandon(): void {
  writeFileSync(join(folder, 'run.lock'), JSON.stringify({ pid: process.pid, startedAt: 'before this process' }));
}

it('refuses a second run and names the first one’s URL', async () => {
  const state = await claimFolder(folder);
  state.record('http://localhost:3000', []);
  await expect(claimFolder(folder)).rejects.toThrow(AlreadyRunningError);
  await expect(claimFolder(folder)).rejects.toThrow(`http://localhost:3000 (process ${process.pid})`);
  state.release();
  (await claimFolder(folder)).release();
});

it('gives the folder to one of several runs that start together', async () => {
  const results = await Promise.allSettled([claimFolder(folder), claimFolder(folder), claimFolder(folder)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('gives the folder of a killed run to one of several runs, which keeps it when the others give up', async () => {
  const leftovers = [spawnProcess('sleep', { args: ['600'] }), spawnProcess('sleep', { args: ['600'] })];
  const state = await claimFolder(folder);
  state.record('', leftovers.map(recorded));
  abandon();
  const results = await Promise.allSettled([claimFolder(folder), claimFolder(folder), claimFolder(folder)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(claimFolder(folder)).rejects.toThrow(AlreadyRunningError);
});

it('does not release a lock that belongs to another process', async () => {
  const state = await claimFolder(folder);
  const other = spawnProcess('sleep', { args: ['600'] });
  writeFileSync(join(folder, 'run.lock'), JSON.stringify(identify(other.pid)));
  state.release();
  await expect(claimFolder(folder)).rejects.toThrow(`process ${other.pid}`);
});

it('starts on a file system without links', async () => {
  const spy = jest.spyOn(fs, 'linkSync').mockImplementation(() => {
    throw new Error('EPERM: operation not permitted, link');
  });
  await claimFolder(folder);
  expect(spy).toHaveBeenCalled();
  spy.mockRestore();
});

it('survives a record that cannot be written', async () => {
  const state = await claimFolder(folder);
  mkdirSync(join(folder, 'run.json.new'));
  expect(state.record('', [])).toBe(false);
});

it('stops what a killed run left behind before the next one starts', async () => {
  const leftover = spawnProcess('sleep', { args: ['600'] });
  const state = await claimFolder(folder);
  state.record('', [recorded(leftover)]);
  abandon();
  await claimFolder(folder);
  expect(await leftover.exited).toEqual({ code: null, signal: 'SIGTERM' });
});

it('does not stop a process that only reuses a recorded id', async () => {
  const stranger = spawnProcess('sleep', { args: ['600'] });
  const state = await claimFolder(folder);
  state.record('', [{ ...recorded(stranger), startedAt: 'another time' }]);
  abandon();
  await claimFolder(folder);
  expect(isRunning(recorded(stranger))).toBe(true);
});

it('starts despite a damaged lock or record', async () => {
  writeFileSync(join(folder, 'run.lock'), '{"pid":');
  writeFileSync(join(folder, 'run.json'), 'nonsense');
  const state = await claimFolder(folder);
  state.record('http://localhost:1', []);
  expect(readRecord(folder).url).toBe('http://localhost:1');
});
