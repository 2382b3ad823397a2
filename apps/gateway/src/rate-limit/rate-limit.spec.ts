import { Redis } from 'ioredis';
import { bearer, publicUrl, startGateway, type TestResponse, type TestGateway } from '../../test/gateway';
import { refuse } from '../../test/stub-services';
import { testApiKeyId } from '../../test/tokens';
import { rateLimits } from './rate-limit';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1', TRUST_PROXY: '1' } });
});
beforeEach(async () => {
  const redis = new Redis(gateway.redis.url);
  await redis.flushall();
  await redis.quit();
});

const signInFrom = (
  address: string,
  email = 'ada@example.com',
  on = gateway,
  headers: Readonly<Record<string, string>> = {},
) =>
  on.ask({
    method: 'POST',
    url: '/api/v1/auth/login',
    headers: { 'x-forwarded-for': address, ...headers },
    body: { email, password: 'x' },
  });
const times = async (count: number, ask: (index: number) => Promise<TestResponse>) => {
  const responses: TestResponse[] = [];
  for (let index = 0; index < count; index++) responses.push(await ask(index));
  return responses;
};

it('lets a user revoke the maximum number of API keys in a row', async () => {
  const headers = bearer(await gateway.tokens.sign({ sub: '01890a5d-ac96-774b-bcce-b302099a8001' }));
  const url = `/api/v1/users/me/api-keys/${testApiKeyId}`;
  const responses = await times(50, () => gateway.ask({ method: 'DELETE', url, headers }));
  expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([204]));
});

describe('the limit of an IP address', () => {
  it('is reported in every response', async () => {
    const response = await signInFrom('192.0.2.1');
    expect(response.headers).toMatchObject({ 'ratelimit-policy': '"login";q=20;w=60', ratelimit: '"login";r=19;t=60' });
  });

  it('returns 429 with Retry-After when reached, and does not affect others', async () => {
    const responses = await times(21, (index) => signInFrom('192.0.2.2', `user${index}@example.com`));
    expect(responses.map(({ status }) => status)).toEqual([...Array<number>(20).fill(200), 429]);
    const last = responses.at(-1);
    expect(last).toMatchObject({
      json: { code: 'rate_limited' },
      headers: { ratelimit: expect.stringContaining('r=0') },
    });
    expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await signInFrom('192.0.2.3', 'other@example.com')).status).toBe(200);
  });

  it('is shared by all replicas', async () => {
    const replica = await gateway.replica();
    const responses = await times(22, (index) =>
      signInFrom('192.0.2.4', `user${index}@example.com`, index % 2 === 0 ? gateway : replica),
    );
    await replica.stop();
    expect(responses.slice(-2).map(({ status }) => status)).toEqual([429, 429]);
  });

  it('counts an IPv6 network as one, and an IPv4-mapped address as IPv4', async () => {
    await times(20, (index) => signInFrom(`2001:db8:1:2::${index}`, `user${index}@example.com`));
    expect((await signInFrom('2001:db8:1:2:ffff::1', 'a@example.com')).status).toBe(429);
    expect((await signInFrom('2001:db8:1:3::1', 'a@example.com')).status).toBe(200);
    await signInFrom('192.0.2.9', 'b@example.com');
    expect((await signInFrom('::ffff:192.0.2.9', 'b@example.com')).headers['ratelimit']).toContain('r=18');
  });

  it('counts a client once with any port, brackets or zone id', async () => {
    await times(10, (index) => signInFrom(`192.0.2.12:${40_000 + index}`, `user${index}@example.com`));
    expect((await signInFrom('192.0.2.12', 'a@example.com')).headers['ratelimit']).toContain('r=9');
    await signInFrom('[2001:db8:5:6::1]:40001', 'b@example.com');
    expect((await signInFrom('2001:DB8:5:6::2%eth0', 'b@example.com')).headers['ratelimit']).toContain('r=18');
  });

  it('counts against the proxy if the proxy sends no IP address, so that invented text opens no new window', async () => {
    const responses = await times(21, (index) => signInFrom(`client-${index}`, `user${index}@example.com`));
    expect(responses.at(-1)?.status).toBe(429);
  });

  it('counts refused tokens, so that guessing ends', async () => {
    const responses = await times(rateLimits.default.limit + 1, () =>
      gateway.ask({
        method: 'GET',
        url: '/api/v1/users/me',
        headers: { 'x-forwarded-for': '192.0.2.5', ...bearer('a.b.c') },
      }),
    );
    expect(responses.at(-2)?.status).toBe(401);
    expect(responses.at(-1)?.status).toBe(429);
  });
});

describe('the limit of an account', () => {
  it('applies to all IP addresses and spellings of the email address', async () => {
    const responses = await times(31, (index) =>
      signInFrom(`198.51.100.${index}`, index % 2 === 0 ? 'victim@example.com' : ' VICTIM@Example.com'),
    );
    expect(responses.map(({ status }) => status)).toEqual([...Array<number>(30).fill(200), 429]);
    expect(responses.at(-1)?.headers['ratelimit-policy']).toBe('"login";q=20;w=60, "login-account";q=30;w=900');
  });

  it('does not reveal how often others tried', async () => {
    await times(5, (index) => signInFrom(`198.51.100.${index}`, 'quiet@example.com'));
    const { headers } = await signInFrom('198.51.100.99', 'quiet@example.com');
    expect(headers['ratelimit']).toBe('"login";r=19;t=60');
  });

  it('is the same for accounts that do not exist', async () => {
    const { login } = gateway.auth;
    gateway.auth.login = refuse('invalid_credentials');
    const responses = await times(31, (index) => signInFrom(`203.0.113.${index}`, 'nobody@example.com'));
    gateway.auth.login = login;
    expect(responses.map(({ status }) => status)).toEqual([...Array<number>(30).fill(401), 429]);
  });

  it('does not affect a device that has signed in before, whose cookie works for no other account', async () => {
    const owner = 'owner@example.com';
    const page = { 'x-session-mode': 'cookie', origin: publicUrl };
    const { cookies } = await signInFrom('192.0.2.201', owner, gateway, page);
    const known = `__Host-device=${cookies['__Host-device'] ?? ''}`;
    const attempt = async (email: string, cookie: string) =>
      (await signInFrom('192.0.2.202', email, gateway, { cookie })).status;
    await times(31, (index) => signInFrom(`198.51.101.${index}`, owner));
    expect(await attempt(owner, '')).toBe(429);
    expect(await attempt(owner, known)).toBe(200);
    expect(await attempt(owner, `${known}A`)).toBe(429);
    await times(31, (index) => signInFrom(`198.51.102.${index}`, 'another@example.com'));
    expect(await attempt('another@example.com', known)).toBe(429);
  });

  it('keeps no email address in Redis', async () => {
    await signInFrom('192.0.2.7', 'private@example.com');
    const redis = new Redis(gateway.redis.url);
    const keys = await redis.keys('*');
    await redis.quit();
    expect(keys.some((key) => key.includes('login-account'))).toBe(true);
    expect(keys.join()).not.toContain('private');
  });
});

describe('the limit of a user', () => {
  it('follows the user across IP addresses, separately from other users', async () => {
    const profile = async (address: string, sub?: string) =>
      gateway.ask({
        method: 'GET',
        url: '/api/v1/users/me',
        headers: { 'x-forwarded-for': address, ...bearer(await gateway.tokens.sign(sub === undefined ? {} : { sub })) },
      });
    await profile('192.0.2.10');
    expect((await profile('192.0.2.11')).headers['ratelimit']).toMatch(/^"default";r=598;t=(?:60|5\d)$/);
    const other = '01890a5d-ac96-774b-bcce-b302099a8000';
    expect((await profile('192.0.2.11', other)).headers['ratelimit']).toMatch(/^"default";r=599;t=(?:60|5\d)$/);
  });
});

it('multiplies every limit by RATE_LIMIT_FACTOR', async () => {
  const generous = await startGateway({ variables: { RATE_LIMIT_FACTOR: '2.5' } });
  const response = await signInFrom('192.0.2.1', 'ada@example.com', generous);
  await generous.stop();
  expect(response.headers['ratelimit-policy']).toBe('"login";q=50;w=60');
});

describe('while Redis is down', () => {
  it('refuses everything that could be guessed, and serves what needs no service', async () => {
    const cut = await startGateway();
    await cut.redis.kill();
    const guess = await signInFrom('192.0.2.1', 'ada@example.com', cut);
    const description = await cut.ask({ method: 'GET', url: '/api/v1/openapi.json' });
    await cut.restoreRedis();
    await cut.stop();
    expect(guess).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    expect(Number(guess.headers['retry-after'])).toBeGreaterThan(0);
    expect(description.status).toBe(200);
    expect(description.headers['ratelimit']).toBeUndefined();
  });
});
