import { spawnProcess } from '#libs/testing';
import { commandLine, identify, isRunning, stopProcess, type ProcessIdentity } from './processes';

function identityOf(pid: number): ProcessIdentity {
  const identity = identify(pid);
  if (identity === undefined) throw new Error('It does not run.');
  return identity;
}

it('a process is known by its number and its start', async () => {
  const child = spawnProcess('sleep', { args: ['600'] });
  const identity = identityOf(child.pid);
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, startedAt: 'earlier' })).toBe(false);
  expect(commandLine(child.pid)).toContain('600');
  await child.kill();
  expect(isRunning(identity)).toBe(false);
  expect(identify(child.pid)).toBeUndefined();
});

it('one that does not leave when it is asked is killed at the deadline', async () => {
  const child = spawnProcess('sh', { args: ['-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'] });
  await child.waitForOutput(/up/);
  await stopProcess(identityOf(child.pid), 'SIGTERM', 100);
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

it('one that is gone already needs no stopping', async () => {
  const child = spawnProcess('sleep', { args: ['600'] });
  const identity = identityOf(child.pid);
  await child.kill('SIGKILL');
  await stopProcess(identity, 'SIGTERM', 60_000);
});
