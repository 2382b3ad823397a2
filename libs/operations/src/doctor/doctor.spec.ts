import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { certificate, privateKey, resultOf, resultOfProgram, testDatabase, testRedis } from '#libs/testing';
import { Client } from 'pg';
import { z } from 'zod';
import { runChecks } from './check';
import { clockFinding } from './clock';
import { doctor } from './doctor';
import { migrationsOf } from '../service-migrations';

const folder = mkdtempSync(join(tmpdir(), 'groundwork-doctor-'));
const servers: Server[] = [];
afterAll(() => {
  rmSync(folder, { recursive: true });
  for (const server of servers) server.close();
});

const results = z.array(z.object({ check: z.string(), status: z.string(), seen: z.string(), remedy: z.string() }));

/** What one check found in this environment. */
async function find(check: string, environment: Record<string, string>) {
  // Without any database the command would look at the suite that runs on this machine.
  const { output } = await resultOf(doctor, ['--json'], { DATABASE_URL: 'postgres://nowhere', ...environment });
  const { status, seen, remedy } = results.parse(JSON.parse(output)).find((result) => result.check === check) ?? {};
  return { status, seen, remedy };
}

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return z.object({ port: z.number() }).parse(server.address()).port;
}

const good = () => randomBytes(32).toString('base64url');

describe('secrets', () => {
  it('passes random ones, and finds placeholders in keys and in passwords of URLs', async () => {
    const environment = { FIELD_ENCRYPTION_KEY: `${good()}=`, CSRF_SECRET: 'changeme-changeme-changeme-changeme' };
    expect(await find('FIELD_ENCRYPTION_KEY', environment)).toMatchObject({ status: 'ok' });
    expect(await find('CSRF_SECRET', environment)).toMatchObject({
      status: 'problem',
      seen: expect.stringMatching(/placeholder/),
    });
    const REDIS_URL = 'redis://:changeme@127.0.0.1:1';
    expect(await find('REDIS_URL', { REDIS_URL })).toMatchObject({ status: 'problem' });
  });

  it('finds a file that others can read', async () => {
    const file = join(folder, 'csrf');
    writeFileSync(file, good());
    chmodSync(file, 0o400);
    expect(await find('CSRF_SECRET_FILE', { CSRF_SECRET_FILE: file })).toMatchObject({ status: 'ok' });
    chmodSync(file, 0o644);
    const found = { status: 'problem', seen: 'mode 0644' };
    expect(await find('CSRF_SECRET_FILE', { CSRF_SECRET_FILE: file })).toMatchObject(found);
  });
});

describe('a database', () => {
  it('passes with the role and schema that migrate makes', async () => {
    const { serviceUrl } = await testDatabase('doctor', migrationsOf('billing'));
    const environment = { DATABASE_URL_BILLING: serviceUrl };
    expect(await find('billing: database role', environment)).toMatchObject({ status: 'ok' });
    expect(await find('billing: migrations', environment)).toMatchObject({ status: 'ok', seen: 'up to date' });
    expect(await find('billing: connections', environment)).toMatchObject({ status: 'ok' });
    expect(await find('billing: database clock', environment)).toMatchObject({ status: 'ok' });
  });

  it('is a problem with an administrator as its role, or with pending migrations', async () => {
    const environment = { DATABASE_URL_BILLING: (await testDatabase('doctor')).url };
    const role = { status: 'problem', seen: expect.stringContaining('is an administrator') };
    expect(await find('billing: database role', environment)).toMatchObject(role);
    const pending = { status: 'problem', seen: expect.stringMatching(/^pending: \w+\d{13}/) };
    expect(await find('billing: migrations', environment)).toMatchObject(pending);
  });

  it('is a problem when it does not respond, without its password', async () => {
    const password = good();
    const environment = { DATABASE_URL_AUTH: `postgres://auth:${password}@127.0.0.1:1/auth` };
    const found = await find('auth: connections', environment);
    expect(found).toMatchObject({ status: 'problem', seen: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(found)).not.toContain(password);
  });
});

describe('client addresses', () => {
  it.each([
    ['are a problem when all of many sessions come from one, as from a proxy', 50, "'172.18.0.2'", 'problem'],
    ['pass when they differ', 50, "'192.0.2.' || n", 'ok'],
    ['pass while there are few sessions', 49, "'172.18.0.2'", 'ok'],
  ])('%s', async (_what, count, address, status) => {
    const { url, serviceUrl } = await testDatabase('doctor', migrationsOf('auth'));
    const client = new Client({ connectionString: url });
    await client.connect();
    const user = `INSERT INTO users (id, email, name, locale) VALUES (gen_random_uuid(), 'a@b.test', 'A', 'en')`;
    await client.query(user);
    await client.query(
      `INSERT INTO sessions (id, user_id, ip, user_agent, expires_at)
       SELECT gen_random_uuid(), users.id, ${address}, 'test', now() FROM users, generate_series(1, $1) AS n`,
      [count],
    );
    await client.end();
    const found = await find('auth: client addresses', { DATABASE_URL_AUTH: serviceUrl });
    expect(found).toMatchObject({ status, seen: expect.stringContaining(`latest ${count} sessions`) });
  });
});

it('eviction loses jobs: Redis passes with noeviction and an append-only file, and is a problem otherwise', async () => {
  const [safe, evicting] = await Promise.all([
    testRedis({ args: ['--appendonly', 'yes'] }),
    testRedis({ args: ['--maxmemory-policy', 'volatile-lru'] }),
  ]);
  expect(await find('Redis settings', { REDIS_URL: safe.url })).toMatchObject({ status: 'ok' });
  expect(await find('Redis clock', { REDIS_URL: safe.url })).toMatchObject({ status: 'ok' });
  const lost = { status: 'problem', seen: expect.stringContaining('volatile-lru') };
  expect(await find('Redis settings', { REDIS_URL: evicting.url })).toMatchObject(lost);
});

it.each([
  ['accepts the login', '235 2.7.0 Accepted', 'ok'],
  ['refuses the login', '535 5.7.8 Authentication failed', 'problem'],
])('SMTP: a server that %s', async (_what, reply, status) => {
  const server = createServer((socket) => {
    socket.write('220 mail.acme.test ESMTP\r\n');
    socket.on('error', () => socket.destroy());
    socket.on('data', (line) => {
      const [verb] = String(line).split(/\s/);
      if (verb === 'EHLO') socket.write('250-mail.acme.test\r\n250 AUTH PLAIN\r\n');
      else socket.write(verb === 'AUTH' ? `${reply}\r\n` : '221 Bye\r\n');
    });
  });
  const SMTP_URL = `smtp://user:${good()}@127.0.0.1:${await listen(server)}`;
  expect(await find('SMTP login', { SMTP_URL })).toMatchObject({ status });
});

describe('the public URL', () => {
  const headers = { 'strict-transport-security': 'max-age=31536000; includeSubDomains' };
  const serve = async (own: Record<string, string>) => {
    const server = createHttps({ cert: certificate, key: privateKey }, (_request, response) => {
      response.writeHead(200, own).end('{}');
    });
    return `https://127.0.0.1:${await listen(server)}`;
  };
  const trusted = getCACertificates('default');
  afterEach(() => {
    setDefaultCACertificates(trusted);
    jest.restoreAllMocks();
  });

  it('passes with a trusted certificate, HSTS, and the right time', async () => {
    setDefaultCACertificates([certificate]);
    const PUBLIC_URL = await serve(headers);
    expect(await find('TLS certificate', { PUBLIC_URL })).toMatchObject({ status: 'ok' });
    expect(await find('HSTS', { PUBLIC_URL })).toMatchObject({ status: 'ok' });
    expect(await find('HTTPS clock', { PUBLIC_URL })).toMatchObject({ status: 'ok' });
  });

  it('is a problem with the default certificate of a proxy, and with one that ends soon', async () => {
    const PUBLIC_URL = await serve(headers);
    const refused = { status: 'problem', seen: expect.stringContaining('SELF_SIGNED') };
    expect(await find('TLS certificate', { PUBLIC_URL })).toMatchObject(refused);
    setDefaultCACertificates([certificate]);
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2126-10-20'));
    const ending = { status: 'problem', seen: 'valid for 10 days' };
    expect(await find('TLS certificate', { PUBLIC_URL })).toMatchObject(ending);
  });

  it('is a problem without HSTS, or with another time', async () => {
    setDefaultCACertificates([certificate]);
    const PUBLIC_URL = await serve({ date: 'Mon, 06 Jan 2020 08:00:00 GMT' });
    expect(await find('HSTS', { PUBLIC_URL })).toMatchObject({ status: 'problem' });
    expect(await find('HTTPS clock', { PUBLIC_URL })).toMatchObject({ status: 'problem' });
  });
});

it.each([
  ['last backup', 'logical', 25, 27],
  ['last restore check', 'restore_check', 34 * 24, 36 * 24],
])('%s: passes while it is recent, and is a problem when it is old or never ran', async (check, kind, young, old) => {
  const BACKUP_METRICS_DIRECTORY = mkdtempSync(join(folder, 'metrics-'));
  expect(await find(check, { BACKUP_METRICS_DIRECTORY })).toMatchObject({ status: 'problem', seen: 'never' });
  for (const [hours, status] of [
    [young, 'ok'],
    [old, 'problem'],
  ] as const) {
    const seconds = Math.floor(Date.now() / 1_000) - hours * 3_600;
    const line = `backup_last_success_timestamp_seconds{kind="${kind}"} ${seconds}\n`;
    writeFileSync(join(BACKUP_METRICS_DIRECTORY, `backup_${kind}.prom`), line);
    expect(await find(check, { BACKUP_METRICS_DIRECTORY })).toMatchObject({ status });
  }
});

it('prints nothing but JSON as a program, also when servers are away', async () => {
  const { code, output } = await resultOfProgram('doctor', ['--json'], {
    REDIS_URL: 'redis://127.0.0.1:1',
    FIELD_ENCRYPTION_KEY: `${good()}=`,
  });
  expect(code).toBe(1);
  const found = results.parse(JSON.parse(output)).filter(({ status }) => status === 'problem');
  expect(found.map(({ check }) => check)).toEqual(['Redis settings', 'Redis clock']);
});

it('compares clocks within what is known', () => {
  expect(clockFinding(1_000, 900, 1_100).seen).toBe("0.0 s from this machine's clock");
  expect(clockFinding(9_000, 900, 1_000)).toMatchObject({ status: 'problem', seen: expect.stringMatching(/^8\.0 s/) });
  expect(clockFinding(1_000, 9_000, 9_100, 1_000)).toMatchObject({
    status: 'problem',
    seen: expect.stringMatching(/^-7\.0 s/),
  });
});

it('a check that hangs is a problem after its time', async () => {
  const [hanging] = await runChecks([{ name: 'slow', run: () => new Promise(() => undefined) }], 20);
  expect(hanging).toMatchObject({ check: 'slow', status: 'problem', seen: 'no response within 0.02 s' });
});

it('prints a table, and exits with 1 for a problem and 0 without', async () => {
  const bad = await resultOf(doctor, [], { FIELD_ENCRYPTION_KEY: `${'A'.repeat(43)}=` });
  expect(bad.code).toBe(1);
  const calm = await resultOf(doctor, [], { FIELD_ENCRYPTION_KEY: `${good()}=` });
  expect(calm.code).toBe(0);
  const lines = calm.output.split('\n');
  const column = lines[0]?.indexOf('SEEN') ?? -1;
  expect(lines[1]?.slice(column)).toBe('set, and not a placeholder');
  expect(calm.output).toMatch(/^absent +Redis settings +not checked +Set REDIS_URL to check this\.$/m);
});
