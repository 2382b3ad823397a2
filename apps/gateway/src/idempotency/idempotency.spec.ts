import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { eventually } from '#libs/testing';
import { bearer, publicUrl, startGateway, type TestGateway } from '../../test/gateway';
import { agreeableAuth, refuse } from '../../test/stub-services';

let gateway: TestGateway;
let replica: TestGateway;
const unfinished: (() => void)[] = [];
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
  replica = await gateway.replica();
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));
afterEach(() => unfinished.splice(0).forEach((finish) => finish()));

const account = { email: 'ada@example.com', password: 'correct horse', name: 'Ada' };

const register = (key: string, body: object = account, on = gateway, headers: Record<string, string> = {}) =>
  on.ask({ method: 'POST', url: '/api/v1/auth/register', headers: { 'idempotency-key': key, ...headers }, body });

/** Counts the registrations that reach the auth service from now on. */
function countRegistrations() {
  const counted = { times: 0 };
  const { register: original } = gateway.auth;
  gateway.auth.register = (...args) => ((counted.times += 1), original(...args));
  return counted;
}

/** Starts a request and resolves when auth handles it. The request ends after the tests. */
async function startWithoutEnd(key: string): Promise<void> {
  await new Promise<void>((reached) => {
    gateway.auth.register = () => {
      reached();
      return new Promise((resolve) => unfinished.push(() => resolve({ status: 'verification_sent' })));
    };
    void register(key);
  });
}

async function sql(text: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: gateway.database.url });
  await client.connect();
  try {
    return (await client.query(text, parameters)).rows;
  } finally {
    await client.end();
  }
}

describe('a repeated idempotency key', () => {
  it('returns the first response without running the request, on any replica', async () => {
    const counted = countRegistrations();
    const key = randomUUID();
    const first = await register(key);
    const second = await register(key, account, replica);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(second).toMatchObject({ status: 202, body: first.body, headers: { 'idempotency-replayed': 'true' } });
    expect(counted.times).toBe(1);
  });

  it.each([
    ['another body', { ...account, name: 'Grace' }, {}],
    ['the same fields and one more', { ...account, locale: 'de' }, {}],
    ['another way to give the session', account, { 'x-session-mode': 'cookie', origin: publicUrl }],
  ])('is refused with %s', async (_what, body, headers) => {
    const key = randomUUID();
    await register(key);
    const response = await register(key, body, gateway, headers);
    expect(response).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
  });

  it('is refused for another URL', async () => {
    const key = randomUUID();
    const body = { email: 'ada@example.com' };
    const headers = { 'idempotency-key': key };
    await gateway.ask({ method: 'POST', url: '/api/v1/auth/verify-email/resend', headers, body });
    const response = await gateway.ask({ method: 'POST', url: '/api/v1/auth/register', headers, body });
    expect(response).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
  });

  it('is a different key if another user sends it', async () => {
    const key = randomUUID();
    const rename = async (sub: string, name: string) =>
      gateway.ask({
        method: 'PATCH',
        url: '/api/v1/users/me',
        headers: { 'idempotency-key': key, ...bearer(await gateway.tokens.sign({ sub })) },
        body: { name },
      });
    const [ada, grace] = [randomUUID(), randomUUID()];
    expect((await rename(ada, 'Ada')).json).toMatchObject({ name: 'Ada' });
    expect((await rename(grace, 'Grace')).json).toMatchObject({ name: 'Grace' });
    expect((await rename(ada, 'Ada')).headers['idempotency-replayed']).toBe('true');
  });

  it('runs once if many requests arrive together; the others must wait', async () => {
    const counted = countRegistrations();
    const { register: original } = gateway.auth;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    gateway.auth.register = async (...args) => (await released, original(...args));
    const key = randomUUID();
    const racing = Array.from({ length: 10 }, (_, index) =>
      register(key, account, index % 2 === 0 ? gateway : replica),
    );
    const statuses: number[] = [];
    for (const attempt of racing) void attempt.then(({ status }) => statuses.push(status));
    await eventually(() => statuses.length === 9);
    release();
    await Promise.all(racing);
    expect(statuses.sort()).toEqual([202, ...Array<number>(9).fill(409)]);
    expect(counted.times).toBe(1);
    const late = await register(key);
    expect(late).toMatchObject({ status: 202, headers: { 'idempotency-replayed': 'true' } });
  });

  it('returns Retry-After while the request is in progress', async () => {
    const key = randomUUID();
    await startWithoutEnd(key);
    expect(await register(key)).toMatchObject({
      json: { code: 'idempotency_in_progress' },
      headers: { 'retry-after': '1' },
    });
  });

  it.each([
    ['that has run for a while: as long again', 28.5, '12'],
    ['close to the end of its lease: until then', 15.5, '16'],
    ['of a gateway that died: until the lease ends', 7.5, '8'],
  ])('returns Retry-After for a request in progress %s', async (_what, leaseLeft, expected) => {
    const key = randomUUID();
    await startWithoutEnd(key);
    const newest = 'SELECT id FROM idempotency_records WHERE answer IS NULL ORDER BY expires_at DESC LIMIT 1';
    await sql(
      `UPDATE idempotency_records SET lease_expires_at = now() + make_interval(secs => $1) WHERE id = (${newest})`,
      [leaseLeft],
    );
    const { headers } = await register(key);
    expect(headers['retry-after']).toBe(expected);
  });
});

describe('a response', () => {
  it('is stored if it is a final refusal', async () => {
    const key = randomUUID();
    await register(key, { email: 'nobody' });
    const again = await register(key, { email: 'nobody' });
    expect(again).toMatchObject({ status: 422, headers: { 'idempotency-replayed': 'true' } });
    expect(again.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it.each(['service_unavailable', 'internal_error', 'rate_limited', 'unauthenticated'] as const)(
    'is not stored if it is %s, because the same request may succeed',
    async (code) => {
      const key = randomUUID();
      gateway.auth.register = refuse(code);
      const refused = await register(key);
      Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect((await register(key)).status).toBe(202);
    },
  );

  it('with a session is stored encrypted and returned completely', async () => {
    const ask = {
      method: 'POST',
      url: '/api/v1/auth/login',
      body: { email: 'ada@example.com', password: 'x' },
    } as const;
    const headers = { 'idempotency-key': randomUUID(), 'x-session-mode': 'cookie', origin: publicUrl };
    const first = await gateway.ask({ ...ask, headers });
    const again = await replica.ask({ ...ask, headers });
    expect(again).toMatchObject({ status: 200, body: first.body, cookies: first.cookies });
    const rows = await sql('SELECT answer FROM idempotency_records');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/refresh-1|ada@example|eyJ[\w-]+\.eyJ/);
  });
});

describe('the key of a gateway that crashed', () => {
  const abandon = async (key: string) => {
    await startWithoutEnd(key);
    Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
    await sql("UPDATE idempotency_records SET lease_expires_at = now() - interval '1 second' WHERE answer IS NULL");
  };

  it('runs again after its lease', async () => {
    const key = randomUUID();
    await abandon(key);
    expect((await register(key)).status).toBe(202);
  });

  it('is acquired by one of many later requests', async () => {
    const key = randomUUID();
    await abandon(key);
    const counted = countRegistrations();
    const responses = await Promise.all(Array.from({ length: 6 }, () => register(key)));
    expect(counted.times).toBe(1);
    // Requests that arrive during the first get 409, and later ones get its response.
    const outcomes = responses.map(({ status, headers }) =>
      headers['idempotency-replayed'] === 'true' ? 'replayed' : status,
    );
    expect(outcomes.filter((outcome) => outcome === 202)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome !== 202 && outcome !== 409 && outcome !== 'replayed')).toEqual([]);
  });

  it('is still refused for another request', async () => {
    const key = randomUUID();
    await abandon(key);
    expect((await register(key, { ...account, name: 'Grace' })).status).toBe(422);
  });
});

describe('an idempotency key', () => {
  it('is free again after 24 hours, for any request', async () => {
    const key = randomUUID();
    await register(key);
    const [row] = await sql(
      'SELECT extract(epoch FROM max(expires_at) - now()) / 3600 AS hours FROM idempotency_records',
    );
    expect(Number(row?.['hours'])).toBeCloseTo(24, 1);
    await sql("UPDATE idempotency_records SET expires_at = now() - interval '1 second'");
    const response = await register(key, { ...account, name: 'Grace' });
    expect(response).toMatchObject({ status: 202 });
    expect(response.headers['idempotency-replayed']).toBeUndefined();
  });

  it.each(['x'.repeat(256), 'with space', 'ü'])('is refused if invalid: %p', async (key) => {
    const response = await register(key);
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path: 'Idempotency-Key' }] } });
  });

  it('is ignored on a GET', async () => {
    const headers = { 'idempotency-key': randomUUID(), ...bearer(await gateway.tokens.sign()) };
    await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers });
    const again = await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers });
    expect(again.headers['idempotency-replayed']).toBeUndefined();
  });

  it('is not used up by a request that was refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const rename = { method: 'PATCH', url: '/api/v1/users/me', body: { name: 'Ada' } } as const;
    expect((await gateway.ask({ ...rename, headers })).status).toBe(401);
    const signedIn = { ...headers, ...bearer(await gateway.tokens.sign()) };
    expect((await gateway.ask({ ...rename, headers: signedIn })).status).toBe(200);
  });
});
