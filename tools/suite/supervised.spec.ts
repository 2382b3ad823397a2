import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '#libs/testing';
import { freePort } from '#libs/local';
import { Supervised } from './supervised';

let folder: string;
let supervised: Supervised;
const said: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork-supervised-'));
  said.length = 0;
});

afterEach(async () => {
  await supervised.stop(1_000);
  rmSync(folder, { recursive: true });
});

const answering = `
  console.log('hello from', process.env.WHO);
  require('node:http').createServer((_, response) => response.end()).listen(process.env.PORT, '127.0.0.1');`;

async function supervise(source: string): Promise<Supervised> {
  const port = await freePort();
  const script = join(folder, 'script.js');
  writeFileSync(script, source);
  supervised = new Supervised(
    {
      name: 'thing',
      args: [script],
      environment: { PORT: String(port), WHO: 'the thing' },
      logFile: join(folder, 'thing.log'),
      readyUrl: `http://127.0.0.1:${port}/`,
    },
    { changed: () => undefined, output: () => undefined, say: (line) => said.push(line) },
  );
  return supervised;
}

const pid = () => supervised.recorded?.pid;

it('is started when it responds, in its own environment, and writes its log', async () => {
  await (await supervise(answering)).start();
  expect(pid()).toBeGreaterThan(0);
  await eventually(() => readFileSync(join(folder, 'thing.log'), 'utf8').includes('hello from the thing'));
});

it('restarts a program that crashes, and reports it', async () => {
  await (await supervise(answering)).start();
  const first = pid();
  if (first !== undefined) process.kill(first, 'SIGKILL');
  const second = await eventually(() => pid() !== first && pid());
  expect(second).not.toBe(first);
  expect(said.join('\n')).toContain('thing ended unexpectedly (SIGKILL)');
});

it('fails the start of a program that ends before it is ready, with its last lines', async () => {
  const starting = (await supervise(`console.error('CSRF_SECRET is missing'); process.exit(1)`)).start();
  await expect(starting).rejects.toThrow(/thing ended while it was starting.*CSRF_SECRET is missing/s);
});

it('does not restart a program that was stopped', async () => {
  await (await supervise(answering)).start();
  await supervised.stop(1_000);
  await eventually(() => pid() === undefined);
  expect(said).toEqual([]);
});

it('leaves nothing running if it is stopped during a restart', async () => {
  await (await supervise(answering)).start();
  const outcome = expect(supervised.restart(5_000)).rejects.toThrow('thing was stopped.');
  await supervised.stop(5_000);
  await outcome;
  await eventually(() => pid() === undefined);
});

it('stops waiting if it is stopped while it starts', async () => {
  const starting = (await supervise('setInterval(() => {}, 1000)')).start();
  const outcome = expect(starting).rejects.toThrow('thing was stopped');
  await supervised.stop(1_000);
  await outcome;
});
