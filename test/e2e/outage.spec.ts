import { eventually } from '#libs/testing';
import { Agent, get } from 'node:http';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startSuite, type Suite } from '../../tools/suite/suite';
import { newUser, SuiteClient, tokenIn } from './client';

/** A separate suite for this file, because the tests stop and kill parts of it. */
let suite: Suite;
let client: SuiteClient;
let folder: string;
const said: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'groundwork outage '));
  chmodSync(folder, 0o755);
  suite = await startSuite({
    folder,
    replicas: 2,
    disposable: true,
    // Time for keep-alive connections to close, as behind any load balancer.
    environment: { RATE_LIMIT_FACTOR: '1000', DRAIN_DELAY: '1' },
    say: (line) => said.push(line),
  });
  const { api, mail = '', databases } = suite.urls;
  // A pooled connection to a gateway that was killed would fail the next request, whatever the suite does.
  client = new SuiteClient({ api, mail, authDatabase: databases.get('auth')?.ownerUrl ?? '' }, { connection: 'close' });
}, 240_000);

afterAll(async () => {
  await suite.stop();
  rmSync(folder, { recursive: true, force: true });
}, 180_000);

function signal(name: string, signal: NodeJS.Signals): void {
  for (const process of suite.processes.filter((candidate) => candidate.name.replace(/-\d+$/, '') === name)) {
    globalThis.process.kill(process.pid, signal);
  }
}

/**
 * Sends requests over one connection while the server keeps it open. `fetch` has a pool with idle
 * connections: in HTTP/1.1, a request on an idle connection is lost if the server closes it at that
 * moment.
 */
function keptAlive(url: string, token: string): () => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { agent, headers: { authorization: `Bearer ${token}` }, timeout: 20_000 };
  return () =>
    new Promise((resolve, reject) => {
      const request = get(url, options, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      request.once('error', reject).once('timeout', () => request.destroy(new Error('No response arrived in time.')));
    });
}

it('refuses a request within its deadline while auth hangs, and works again afterwards', async () => {
  const member = await client.aMember();
  signal('auth', 'SIGSTOP');
  try {
    const { accessToken: token } = member.session;
    const responses = await Promise.all([
      client.call('GET', '/users/me', { token }),
      client.call('POST', '/auth/login', { body: { email: member.email, password: member.password } }),
    ]);
    for (const response of responses) {
      expect(response).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await client.call('GET', '/health')).status).toBe(503);
  } finally {
    signal('auth', 'SIGCONT');
  }
  expect((await client.signIn(member)).user.email).toBe(member.email);
}, 180_000);

it.each(['auth', 'gateway'] as const)(
  'loses no request in a rolling restart of %s under load',
  async (service) => {
    const { session } = await client.aMember();
    let restarting = true;
    const restarted = suite.restart([service]).finally(() => (restarting = false));
    const statuses = new Map<number, number>();
    const visitor = async () => {
      const ask = keptAlive(`${suite.urls.api}/api/v1/users/me`, session.accessToken);
      while (restarting) {
        const status = await ask();
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    };
    // Keeps some requests running at any time. More would slow down the starting processes.
    await Promise.all([restarted, ...Array.from({ length: 3 }, visitor)]);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(50);
  },
  180_000,
);

it('survives the death of one replica of each service', async () => {
  const member = await client.aMember();
  for (const service of ['auth', 'notification', 'gateway']) {
    const [victim] = suite.processes.filter(({ name }) => name.startsWith(`${service}-`));
    if (victim === undefined) throw new Error(`There is no replica of ${service}.`);
    process.kill(victim.pid, 'SIGKILL');
    await eventually(async () => (await client.signIn(member)).user.email === member.email, { timeoutMs: 60_000 });
  }
  const user = newUser();
  await client.register(user);
  const response = await client.verify(tokenIn(await client.mailTo(user.email, /Confirm/)));
  expect(response.status).toBe(200);
}, 180_000);

it('delivers each sign-up email once per request while replicas of auth and notification die', async () => {
  const people = Array.from({ length: 30 }, () => newUser());
  const asked = people.map(() => 0);
  const registering = people.map(async (user, i) => {
    // Retries without a response, because the replica that stored the request died.
    const ask = async () => {
      asked[i] = (asked[i] ?? 0) + 1;
      return (await client.register(user)).status === 202;
    };
    await eventually(ask, { timeoutMs: 60_000 });
    const service = i % 10 === 5 ? (i % 20 === 5 ? 'auth-1' : 'notification-1') : undefined;
    const victim = suite.processes.find(({ name }) => name === service);
    if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
  });
  await Promise.all(registering);
  for (const { email } of people) await client.mailTo(email, /Confirm/);
  const received = await Promise.all(people.map(({ email }) => client.mailsTo(email)));
  // A replica that dies after the SMTP server's confirmation sends the email again with the same Message-ID.
  expect(received.flat().every(({ headers }) => typeof headers['message-id'] === 'string')).toBe(true);
  for (const [i, mails] of received.entries()) {
    const different = new Set(mails.map(({ headers }) => headers['message-id'])).size;
    expect(different).toBeGreaterThanOrEqual(1);
    expect(different).toBeLessThanOrEqual(asked[i] ?? 0);
  }
}, 240_000);

/** Those that an earlier test killed may still be starting, and a start fails without its database. */
async function allReady(): Promise<boolean> {
  const ready = [...suite.managementPorts.values()].map(async (port) => {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`, { headers: { connection: 'close' } });
    return response.ok;
  });
  return (await Promise.all(ready)).every(Boolean);
}

/** A disposable database confirms before it has written, so a crash would lose the last moments. */
async function keepWhatIsWritten(): Promise<void> {
  const database = new Client({ connectionString: suite.urls.postgres });
  await database.connect();
  try {
    await database.query('CHECKPOINT');
  } finally {
    await database.end();
  }
}

it.each([
  ['postgres', 'PostgreSQL'],
  ['redis', 'Redis'],
  ['mail', 'mail'],
])(
  'restarts a killed %s, and requests and emails work again',
  async (name, spokenName) => {
    const member = await client.aMember();
    const find = () => suite.processes.find((candidate) => candidate.name === name);
    const victim = find();
    if (victim === undefined) throw new Error(`There is no ${name}.`);
    await keepWhatIsWritten();
    await eventually(allReady, { timeoutMs: 60_000, describe: 'every replica to be ready' });
    const services = () => suite.processes.filter(({ server, name: other }) => !server && other !== 'mail');
    const before = services();
    process.kill(victim.pid, 'SIGKILL');
    await eventually(() => ![undefined, victim.pid].includes(find()?.pid), { timeoutMs: 30_000 });
    await eventually(async () => (await client.signIn(member)).user.email === member.email, { timeoutMs: 60_000 });
    const user = newUser();
    await eventually(async () => (await client.register(user)).status === 202, { timeoutMs: 60_000 });
    const response = await client.verify(tokenIn(await client.mailTo(user.email, /Confirm/)));
    expect(response.status).toBe(200);
    expect(services()).toEqual(before);
    const notice = said.find((line) =>
      line.startsWith(`${spokenName} ended unexpectedly (SIGKILL). Last lines of its log`),
    );
    expect(notice).toContain(`Restarting ${spokenName}.`);
  },
  180_000,
);
