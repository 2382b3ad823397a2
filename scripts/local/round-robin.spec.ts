import { createServer, type Server } from 'node:http';
import { freePort } from './ports';
import { roundRobin, type RoundRobin } from './round-robin';

const servers: Server[] = [];
let front: RoundRobin;
let address: string;

async function target(name: string): Promise<{ port: number; close: () => void }> {
  const port = await freePort();
  const server = createServer((request, response) => void request.pipe(response.setHeader('x-name', name)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function startFront(targets: readonly number[]): Promise<void> {
  const port = await freePort();
  front = await roundRobin(port, targets);
  address = `http://127.0.0.1:${port}/`;
}

/** Each on a connection of its own. */
async function ask(body = 'hello'): Promise<string | null> {
  const response = await fetch(address, { method: 'POST', body, headers: { connection: 'close' } });
  expect(await response.text()).toBe(body);
  return response.headers.get('x-name');
}

afterEach(async () => {
  await front.close();
  for (const server of servers.splice(0)) server.close();
});

it('connections go to the targets in turn', async () => {
  await startFront([(await target('a')).port, (await target('b')).port]);
  expect([await ask(), await ask(), await ask(), await ask()]).toEqual(['a', 'b', 'a', 'b']);
});

it('a target that is not there is passed over, and used again when it is back', async () => {
  const a = await target('a');
  await startFront([a.port, (await target('b')).port]);
  a.close();
  expect([await ask(), await ask(), await ask()]).toEqual(['b', 'b', 'b']);
});

it('a large body arrives whole in both directions', async () => {
  await startFront([(await target('a')).port]);
  await ask('x'.repeat(5_000_000));
});

it('with no target left the connection is closed, and the front stays', async () => {
  const a = await target('a');
  await startFront([a.port]);
  a.close();
  await expect(ask()).rejects.toThrow('fetch failed');
  await expect(ask()).rejects.toThrow('fetch failed');
});
