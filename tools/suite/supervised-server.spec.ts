import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, spawnProcess } from '#libs/testing';
import { identify, stopProcess } from '#libs/local';
import { SupervisedServer, type RunningServer } from './supervised-server';

let folder: string;
let server: SupervisedServer;
/** The numbers of the start attempts that fail. */
let failing: Set<number>;
let attempts: number;
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-server-'));
  [failing, attempts] = [new Set(), 0];
  said.length = 0;
  const logFile = join(folder, 'thing.log');
  writeFileSync(logFile, 'ready\nlast words\n');
  server = new SupervisedServer(
    { name: 'Thing', processName: 'thing', stopSignal: 'SIGTERM', logFile, start },
    { changed: () => undefined, output: () => undefined, say: (line) => said.push(line) },
  );
});

afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<RunningServer> {
  if (failing.has(++attempts)) throw new Error('The port is taken.');
  const program = spawnProcess('sleep', { args: ['600'] });
  const { pid } = program;
  const identity = identify(pid);
  return {
    pid,
    url: 'thing://here',
    exited: program.exited.then(({ code, signal }) => signal ?? `exit code ${code}`),
    stop: async () => (identity === undefined ? undefined : stopProcess(identity, 'SIGTERM', 1_000)),
  };
}

const pid = () => server.recorded?.pid;
const kill = () => process.kill(pid() ?? 0, 'SIGKILL');

it('restarts a server that dies, with the same message as for services', async () => {
  expect(await server.start()).toBe('thing://here');
  const first = pid();
  kill();
  await eventually(() => pid() !== undefined && pid() !== first);
  expect(said).toEqual([
    `Thing ended unexpectedly (SIGKILL). Last lines of its log (${join(folder, 'thing.log')}):\n    ready\n    last words\nRestarting Thing.`,
  ]);
});

it('retries if the server does not come back at once', async () => {
  failing = new Set([2, 3]);
  await server.start();
  kill();
  await eventually(() => attempts === 4 && pid() !== undefined, { timeoutMs: 20_000 });
  expect(said.slice(1)).toEqual(['The port is taken.', 'The port is taken.']);
}, 30_000);

it('rejects if the first start fails, without a message or a retry', async () => {
  failing = new Set([1]);
  await expect(server.start()).rejects.toThrow('The port is taken.');
  expect([attempts, said]).toEqual([1, []]);
});

it('does not restart a server that was stopped, and prints no message', async () => {
  await server.start();
  await server.stop();
  await eventually(() => pid() === undefined);
  expect([attempts, said]).toEqual([1, []]);
});

it('leaves nothing running if it is stopped while it waits to restart', async () => {
  failing = new Set(Array.from({ length: 50 }, (_, index) => index + 2));
  await server.start();
  kill();
  await eventually(() => attempts > 2);
  await server.stop();
  const until = attempts;
  expect(pid()).toBeUndefined();
  expect(attempts).toBe(until);
}, 30_000);
