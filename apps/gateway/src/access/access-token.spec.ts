import { accessTokenType, getSigningKeys } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { eventually } from '#libs/testing';
import { SignJWT, UnsecuredJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { bearer, startGateway, type TestGateway } from '../../test/gateway';
import { TestTokens, testUserId } from '../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});

const profileWith = (token: string) => gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(token) });
const seconds = () => Math.floor(Date.now() / 1_000);

describe('an access token', () => {
  it('gives access to the account it was issued for', async () => {
    const response = await profileWith(await gateway.tokens.sign());
    expect(response).toMatchObject({ status: 200, json: { id: testUserId } });
  });

  it('can have claims that a newer auth service adds', async () => {
    expect((await profileWith(await gateway.tokens.sign({ acr: 'urn:mfa' }))).status).toBe(200);
  });

  it('is accepted with any capitalization of the scheme', async () => {
    const authorization = `bearer ${await gateway.tokens.sign()}`;
    const response = await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: { authorization } });
    expect(response.status).toBe(200);
  });

  const forgeries: Record<string, () => Promise<string> | string> = {
    'without a signature (alg none)': () => new UnsecuredJWT(gateway.tokens.claims()).encode(),
    'signed with the public key as an HMAC secret': () =>
      new SignJWT(gateway.tokens.claims())
        .setProtectedHeader({ alg: 'HS256', kid: gateway.tokens.kid, typ: accessTokenType })
        .sign(Buffer.from(gateway.tokens.published[0]?.x ?? '', 'base64url')),
    'of an unknown key': async () => (await TestTokens.create(gateway.tokens.claims().iss ?? '', 'other')).sign(),
    'of another key under our key id': async () => (await TestTokens.create(gateway.tokens.claims().iss ?? '')).sign(),
    'without a key id': () => gateway.tokens.sign({}, { kid: '' }),
    'that brings the key along which it is signed with': async () => {
      const forger = await TestTokens.create(gateway.tokens.claims().iss ?? '', 'forged');
      const [jwk = { kty: 'OKP' }] = forger.published;
      return forger.sign({}, { kid: gateway.tokens.kid, jwk, jku: 'https://evil.test/jwks.json' });
    },
    'for another audience': () => gateway.tokens.sign({ aud: 'elsewhere' }),
    'of another issuer': () => gateway.tokens.sign({ iss: 'https://evil.test' }),
    'of another type': () => gateway.tokens.sign({}, { typ: 'JWT' }),
    'not good yet for a minute': () => gateway.tokens.sign({ nbf: seconds() + 60 }),
    'expired by a second': () => gateway.tokens.sign({ exp: seconds() - 1 }),
    'without an expiry': () => gateway.tokens.sign({ exp: undefined }),
    'without a session': () => gateway.tokens.sign({ sid: undefined }),
    'whose user is no id': () => gateway.tokens.sign({ sub: 'admin' }),
    'with changed claims': async () => {
      const [header, , signature] = (await gateway.tokens.sign()).split('.');
      const claims = Buffer.from(JSON.stringify(gateway.tokens.claims({ sub: randomUUID() }))).toString('base64url');
      return [header, claims, signature].join('.');
    },
    'that is no token': () => 'garbage',
    'that is longer than any of ours': () => `${'a'.repeat(5_000)}.${'b'.repeat(100)}.c`,
  };

  it.each(Object.entries(forgeries))('is refused with 401 and a challenge when forged: %s', async (_name, forge) => {
    const response = await profileWith(await forge());
    expect(response).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(response.headers['www-authenticate']).toBe('Bearer realm="groundwork"');
  });

  it('is refused from the second it expires, although it was verified before', async () => {
    const exp = seconds() + 30;
    const token = await gateway.tokens.sign({ exp });
    expect((await profileWith(token)).status).toBe(200);
    jest.spyOn(Date, 'now').mockReturnValue(exp * 1_000);
    const response = await profileWith(token);
    jest.restoreAllMocks();
    expect(response.status).toBe(401);
  });

  it('is required, whatever the other headers contain', async () => {
    for (const headers of [
      {},
      { authorization: 'Basic YTpi' },
      { authorization: 'Bearer' },
      { cookie: '__Host-access=' },
    ]) {
      const response = await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers });
      expect(response).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    }
  });

  it('is ignored on a public route', async () => {
    const login = {
      method: 'POST',
      url: '/api/v1/auth/login',
      body: { email: 'ada@example.com', password: 'x' },
    } as const;
    expect((await gateway.ask({ ...login, headers: bearer('garbage') })).status).toBe(200);
  });
});

describe('signing keys', () => {
  it('are fetched when the first token of a new key arrives', async () => {
    const rotated = await TestTokens.create(gateway.tokens.claims().iss ?? '', `key-${randomUUID()}`);
    gateway.tokens.published.push(...rotated.published);
    const fresh = await gateway.replica();
    const [old, young] = await Promise.all([gateway.tokens.sign(), rotated.sign()]);
    const statuses = await Promise.all(
      [old, young].map(
        async (token) => (await fresh.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(token) })).status,
      ),
    );
    await fresh.stop();
    expect(statuses).toEqual([200, 200]);
  });

  /** A replica and the callback that it runs every 20 seconds. */
  async function replicaWithTimer() {
    const intervals = jest.spyOn(globalThis, 'setInterval');
    const replica = await gateway.replica();
    const [askAgain = () => undefined] = intervals.mock.calls.flatMap(([run, ms]) => (ms === 20_000 ? [run] : []));
    intervals.mockRestore();
    const statusOf = async (token: string) =>
      (await replica.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(token) })).status;
    return { replica, askAgain, statusOf };
  }

  const anotherKey = () => TestTokens.create(gateway.tokens.claims().iss ?? '', `key-${randomUUID()}`);

  it('are known at their first token if they were published before, while tokens of the old key stay valid', async () => {
    const { replica, askAgain, statusOf } = await replicaWithTimer();
    const old = await gateway.tokens.sign();
    expect(await statusOf(old)).toBe(200);
    const next = await anotherKey();
    gateway.tokens.published.push(...next.published);
    askAgain();
    const jwks = async () => (await replica.ask({ method: 'GET', url: '/.well-known/jwks.json' })).body;
    await eventually(async () => (await jwks()).includes(next.kid));
    expect(await statusOf(await next.sign())).toBe(200);
    expect([await statusOf(old), await statusOf(await gateway.tokens.sign())]).toEqual([200, 200]);
    await replica.stop();
  });

  it('are forgotten within 20 seconds of their withdrawal, together with the tokens they verified', async () => {
    const stolen = await anotherKey();
    gateway.tokens.published.push(...stolen.published);
    const { replica, askAgain, statusOf } = await replicaWithTimer();
    const [token, good] = [await stolen.sign(), await gateway.tokens.sign()];
    expect([await statusOf(token), await statusOf(good)]).toEqual([200, 200]);
    gateway.tokens.published.pop();
    askAgain();
    await eventually(async () => (await statusOf(token)) === 401);
    expect([await statusOf(await stolen.sign()), await statusOf(good)]).toEqual([401, 200]);
    await replica.stop();
  });

  it('are fetched once for many concurrent requests, and rarely for unknown key ids', async () => {
    const fresh = await gateway.replica();
    const ofUnknownKey = () => gateway.tokens.sign({}, { kid: randomUUID() });
    const unknown = await Promise.all(Array.from({ length: 30 }, ofUnknownKey));
    const oneMore = await ofUnknownKey();
    const ask = (token: string) => fresh.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(token) });
    // Counts this replica's calls only, since the others fetch by themselves. Stopping the clock makes all
    // requests arrive at once.
    const calls = jest.spyOn(fresh.application.get(RpcClient, { strict: false }), 'call');
    const time = jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const responses = await Promise.all(unknown.map(ask));
    responses.push(await ask(oneMore));
    time.mockRestore();
    const fetches = calls.mock.calls.filter(([contract]) => contract === getSigningKeys);
    await fresh.stop();
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([401]));
    expect(fetches).toHaveLength(1);
  });

  it('cause 503, not 401, while they are unavailable', async () => {
    const { getSigningKeys } = gateway.auth;
    gateway.auth.getSigningKeys = () => Promise.reject(new Error('auth is broken'));
    const fresh = await gateway.replica();
    const response = await fresh.ask({
      method: 'GET',
      url: '/api/v1/users/me',
      headers: bearer(await gateway.tokens.sign()),
    });
    await fresh.stop();
    gateway.auth.getSigningKeys = getSigningKeys;
    expect(response).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    expect(response.headers['retry-after']).toBe('1');
  });

  it('are published so that others can verify tokens', async () => {
    const response = await gateway.ask({ method: 'GET', url: '/.well-known/jwks.json' });
    expect(response).toMatchObject({ status: 200, json: { keys: gateway.tokens.published.slice(0, 1) } });
    expect(response.headers['cache-control']).toBe('public, max-age=60');
    expect(response.body).not.toContain('"d"');
  });
});
