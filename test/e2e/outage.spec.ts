import { eventually } from '#libs/testing';
import { Agent, get } from 'node:http';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startSuite, type Suite } from '../../tools/suite/suite';
import { aPerson, SuiteClient, tokenIn } from './client';

/** A suite of this file's own, since parts of it are stopped and killed. */
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
    // A moment for connections that are kept alive, as behind any load balancer.
    environment: { RATE_LIMIT_FACTOR: '1000', DRAIN_DELAY: '1' },
    say: (line) => said.push(line),
  });
  const { api, mail = '', databases } = suite.urls;
  client = new SuiteClient({ api, mail, authDatabase: databases.get('auth')?.ownerUrl ?? '' });
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
 * Asks over one connection, for as long as the server keeps it. (`fetch` has a pool, of which some are idle all the while; a request that goes out
 * on an idle connection just when the server closes it is lost in HTTP/1.1, whatever the server does.)
 */
function keptAlive(url: string, token: string): () => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const options = { agent, headers: { authorization: `Bearer ${token}` }, timeout: 20_000 };
  return () =>
    new Promise((resolve, reject) => {
      const request = get(url, options, (response) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0));
      });
      request.once('error', reject).once('timeout', () => request.destroy(new Error('No answer came in time.')));
    });
}

it('with auth hanging a request is refused within its deadline, and works again afterwards', async () => {
  const member = await client.aMember();
  signal('auth', 'SIGSTOP');
  try {
    const { accessToken: token } = member.session;
    const answers = await Promise.all([
      client.call('GET', '/users/me', { token }),
      client.call('POST', '/auth/login', { body: { email: member.email, password: member.password } }),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'service_unavailable' } });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await client.call('GET', '/health')).status).toBe(503);
  } finally {
    signal('auth', 'SIGCONT');
  }
  expect((await client.signIn(member)).user.email).toBe(member.email);
}, 180_000);

it.each(['auth', 'gateway'] as const)(
  'a rolling restart of %s under load loses no request',
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
    // Some requests are under way at any time; more would take the processors from what starts.
    await Promise.all([restarted, ...Array.from({ length: 3 }, visitor)]);
    expect([...statuses.keys()]).toEqual([200]);
    expect(statuses.get(200)).toBeGreaterThan(50);
  },
  180_000,
);

it('one replica of each service killed loses nobody', async () => {
  const member = await client.aMember();
  for (const service of ['auth', 'notification', 'gateway']) {
    const [victim] = suite.processes.filter(({ name }) => name.startsWith(`${service}-`));
    if (victim === undefined) throw new Error(`There is no replica of ${service}.`);
    process.kill(victim.pid, 'SIGKILL');
    await eventually(async () => (await client.signIn(member)).user.email === member.email, { timeoutMs: 60_000 });
  }
  const person = aPerson();
  await client.register(person);
  const answer = await client.verify(tokenIn(await client.mailTo(person.email, /Confirm/)));
  expect(answer.status).toBe(200);
}, 180_000);

it('people register while replicas of auth and notification die, and each gets their mail, once for each time they ask', async () => {
  const people = Array.from({ length: 30 }, () => aPerson());
  const asked = people.map(() => 0);
  const registering = people.map(async (person, i) => {
    // Who gets no answer, as the replica dies that has taken the wish down, asks again.
    const ask = async () => {
      asked[i] = (asked[i] ?? 0) + 1;
      return (await client.register(person)).status === 202;
    };
    await eventually(ask, { timeoutMs: 60_000 });
    const service = i % 10 === 5 ? (i % 20 === 5 ? 'auth-1' : 'notification-1') : undefined;
    const victim = suite.processes.find(({ name }) => name === service);
    if (victim !== undefined) process.kill(victim.pid, 'SIGKILL');
  });
  await Promise.all(registering);
  for (const { email } of people) await client.mailTo(email, /Confirm/);
  const received = await Promise.all(people.map(({ email }) => client.mailsTo(email)));
  // A replica that dies between the SMTP server's yes and its note sends again, under the same Message-ID.
  expect(received.flat().every(({ headers }) => typeof headers['message-id'] === 'string')).toBe(true);
  for (const [i, mails] of received.entries()) {
    const different = new Set(mails.map(({ headers }) => headers['message-id'])).size;
    expect(different).toBeGreaterThanOrEqual(1);
    expect(different).toBeLessThanOrEqual(asked[i] ?? 0);
  }
}, 240_000);

/** A disposable database answers before it has written: a crash would lose the last moments. */
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
  'a killed %s is started again, and requests and mails work again by themselves',
  async (name, spokenName) => {
    const member = await client.aMember();
    const find = () => suite.processes.find((candidate) => candidate.name === name);
    const victim = find();
    if (victim === undefined) throw new Error(`There is no ${name}.`);
    await keepWhatIsWritten();
    const services = () => suite.processes.filter(({ server, name: other }) => !server && other !== 'mail');
    const before = services();
    process.kill(victim.pid, 'SIGKILL');
    await eventually(() => ![undefined, victim.pid].includes(find()?.pid), { timeoutMs: 30_000 });
    await eventually(async () => (await client.signIn(member)).user.email === member.email, { timeoutMs: 60_000 });
    const person = aPerson();
    await eventually(async () => (await client.register(person)).status === 202, { timeoutMs: 60_000 });
    const answer = await client.verify(tokenIn(await client.mailTo(person.email, /Confirm/)));
    expect(answer.status).toBe(200);
    // One that an earlier test killed may come back meanwhile.
    expect(services()).toEqual(expect.arrayContaining(before));
    const notice = said.find((line) =>
      line.startsWith(`${spokenName} ended unexpectedly (SIGKILL). Last lines of its log`),
    );
    expect(notice).toContain(`Restarting ${spokenName}.`);
  },
  180_000,
);
