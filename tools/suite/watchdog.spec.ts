import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, spawnProcess } from '#libs/testing';
import { root, startTime } from '#libs/local';

const watchdog = join(root, 'dist', 'tools', 'suite', 'watchdog.js');
const processes = join(root, 'dist', 'libs', 'local', 'src', 'index.js');

/** Starts a child, guards it (unless it releases it again), and waits to be killed. */
const parent = (release: boolean, folder = '') => `
  const { startWatchdog } = require(${JSON.stringify(watchdog)});
  const { identify } = require(${JSON.stringify(processes)});
  const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  const guard = startWatchdog(${folder === '' ? '' : JSON.stringify(folder)});
  guard.guard([{ ...identify(child.pid), name: 'sleeper', signal: 'SIGTERM', server: false }]);
  ${release ? 'guard.release();' : ''}
  console.log('child', child.pid);
  setInterval(() => {}, 1000);`;

async function childOfAKilledParent(release: boolean, folder?: string): Promise<number> {
  const killed = spawnProcess(process.execPath, { args: ['-e', parent(release, folder)] });
  const [, child] = await killed.waitForOutput(/child (\d+)/);
  await killed.kill('SIGKILL');
  return Number(child);
}

it('stops all guarded processes when its parent is killed', async () => {
  const child = await childOfAKilledParent(false);
  await eventually(() => startTime(child) === undefined);
});

it('does not stop released processes', async () => {
  const released = await childOfAKilledParent(true);
  const guarded = await childOfAKilledParent(false);
  await eventually(() => startTime(guarded) === undefined);
  expect(startTime(released)).toBeDefined();
  process.kill(released);
});

it('deletes the folder of the guarded processes after them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'groundwork-watchdog-'));
  writeFileSync(join(folder, 'data'), 'of the child');
  const child = await childOfAKilledParent(false, folder);
  await eventually(() => !existsSync(folder));
  expect(startTime(child)).toBeUndefined();
});

it('is replaced if it is killed itself, and guards the same processes', async () => {
  const source = `
    const { startWatchdog } = require(${JSON.stringify(watchdog)});
    const { identify } = require(${JSON.stringify(processes)});
    const child = require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    console.log('child', child.pid);
    setInterval(() => {}, 1000);
    process.on('SIGUSR2', () => console.log('here'));
    startWatchdog().guard([{ ...identify(child.pid), name: 'sleeper', signal: 'SIGTERM', server: false }]);`;
  const guarded = spawnProcess(process.execPath, { args: ['-e', source] });
  const child = Number((await guarded.waitForOutput(/child (\d+)/))[1]);
  const watcher = () => childrenOf(guarded.pid).find((pid) => pid !== child);
  const first = await eventually(watcher);
  process.kill(first, 'SIGKILL');
  await eventually(() => ![undefined, first].includes(watcher()));
  // A process can be listed before its parent has told it what to guard. The parent's next turn comes after that.
  process.kill(guarded.pid, 'SIGUSR2');
  await guarded.waitForOutput(/here/);
  await guarded.kill('SIGKILL');
  await eventually(() => startTime(child) === undefined);
});

/** The processes that it started. */
function childrenOf(parent: number): number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}
