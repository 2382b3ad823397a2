import { spawnProcess } from '#libs/testing';
import { commandLine, identify, isRunning, linuxStartTime, stopProcess, type ProcessIdentity } from './processes';

function identityOf(pid: number): ProcessIdentity {
  const identity = identify(pid);
  if (identity === undefined) throw new Error('It does not run.');
  return identity;
}

it('identifies a process by its id and start time', async () => {
  const child = spawnProcess('sleep', { args: ['600'] });
  const identity = identityOf(child.pid);
  expect(isRunning(identity)).toBe(true);
  expect(isRunning({ ...identity, startedAt: 'earlier' })).toBe(false);
  expect(commandLine(child.pid)).toContain('600');
  await child.kill();
  expect(isRunning(identity)).toBe(false);
  expect(identify(child.pid)).toBeUndefined();
});

it('kills a process that does not stop before the deadline', async () => {
  const child = spawnProcess('sh', { args: ['-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'] });
  await child.waitForOutput(/up/);
  await stopProcess(identityOf(child.pid), 'SIGTERM', 100);
  expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
});

it('does nothing for a process that has already ended', async () => {
  const child = spawnProcess('sleep', { args: ['600'] });
  const identity = identityOf(child.pid);
  await child.kill('SIGKILL');
  await stopProcess(identity, 'SIGTERM', 60_000);
});

it.each([
  ['runs', 'S', 4, '966883'],
  ['is a zombie', 'Z', 1, undefined],
  ['is dead', 'X', 0, undefined],
  ['has lost its first thread, while others still hold its port', 'Z', 3, '966883'],
])('reads /proc/<pid>/stat of a process that %s', (_case, state, threads, startedAt) => {
  const stat = `31943 (redis (a) server) ${state} 31941 31894 1124 0 -1 4227084 97 0 0 0 0 0 0 0 20 0 ${threads} 0 966883 0 0`;
  expect(linuxStartTime(stat)).toBe(startedAt);
});
