import { createServer, type Server } from 'node:http';
import { freePort } from '#libs/local';
import { roundRobin, type RoundRobin } from './round-robin';

const servers: Server[] = [];
let front: RoundRobin;
let address: string;

interface TestTarget {
  readonly port: number;
  stopping: boolean;
  takesRequests: () => boolean;
  close: () => void;
}

async function target(name: string): Promise<TestTarget> {
  const port = await freePort();
  const server = createServer((request, response) => void request.pipe(response.setHeader('x-name', name)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const started: TestTarget = {
    port,
    stopping: false,
    takesRequests: () => !started.stopping,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return started;
}

async function startFront(targets: readonly TestTarget[]): Promise<void> {
  const port = await freePort();
  front = await roundRobin(port, targets);
  address = `http://127.0.0.1:${port}/`;
}

/** Sends each request on its own connection. */
async function ask(body = 'hello'): Promise<string | null> {
  const response = await fetch(address, { method: 'POST', body, headers: { connection: 'close' } });
  expect(await response.text()).toBe(body);
  return response.headers.get('x-name');
}

afterEach(async () => {
  await front.close();
  for (const server of servers.splice(0)) server.close();
});

it('sends connections to the targets in turn', async () => {
  await startFront([await target('a'), await target('b')]);
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['a', 'b', 'a', 'b']);
});

it('skips a target that is down and uses it again when it is back', async () => {
  const a = await target('a');
  await startFront([a, await target('b')]);
  a.close();
  expect([await ask(), await ask(), await ask()]).toEqual(['b', 'b', 'b']);
});

it('sends no new connections to a target that is stopping while another one accepts requests', async () => {
  const [a, b] = [await target('a'), await target('b')];
  await startFront([a, b]);
  a.stopping = true;
  expect([await ask(), await ask(), await ask()]).toEqual(['b', 'b', 'b']);
  b.stopping = true;
  expect(['a', 'b']).toContain(await ask());
  a.stopping = false;
  expect([await ask(), await ask()]).toEqual(['a', 'a']);
});

it('transfers a large body completely in both directions', async () => {
  await startFront([await target('a')]);
  await ask('x'.repeat(5_000_000));
});

it('closes the connection without a target, and keeps running', async () => {
  const a = await target('a');
  await startFront([a]);
  a.close();
  await expect(ask()).rejects.toThrow('fetch failed');
  await expect(ask()).rejects.toThrow('fetch failed');
});
