import { ProblemError } from '#libs/contracts';
import { createApiKey, hashToken } from '#libs/encryption';
import { eventually } from '#libs/testing';
import { bearer, startGateway, type TestGateway } from '../../test/gateway';
import { agreeableAuth, refuse } from '../../test/stub-services';

let gateway: TestGateway;
let replica: TestGateway;
const unfinished: (() => void)[] = [];
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
  replica = await gateway.replica();
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));
afterEach(() => jest.restoreAllMocks());
afterEach(() => unfinished.splice(0).forEach((finish) => finish()));

const newKey = () => createApiKey().key;
const profile = (key: string, on = gateway) => on.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(key) });
const refused = { status: 401, json: { code: 'unauthenticated' } };

/** Records which keys the auth service is asked to verify from now on. */
function askedOf(): string[] {
  const asked: string[] = [];
  const { verifyApiKey } = gateway.auth;
  gateway.auth.verifyApiKey = (input, context) => (asked.push(input.hash), verifyApiKey(input, context));
  return asked;
}

/** Stops the clock, so that all requests arrive at the same time. */
function standStill() {
  return jest.spyOn(performance, 'now').mockReturnValue(performance.now());
}

describe('the verification of an API key', () => {
  it('is requested once for many concurrent requests, and then reused', async () => {
    const asked = askedOf();
    standStill();
    const key = newKey();
    const responses = await Promise.all(Array.from({ length: 30 }, () => profile(key)));
    responses.push(await profile(key));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked).toHaveLength(1);
  });

  it('is reused for less than a second, so every replica refuses a revoked key within one', async () => {
    const key = newKey();
    for (const on of [gateway, replica]) expect((await profile(key, on)).status).toBe(200);
    gateway.auth.verifyApiKey = refuse('unauthenticated');
    const now = performance.now.bind(performance);
    const aSecondLater = jest.spyOn(performance, 'now').mockImplementation(() => now() + 1_000);
    for (const on of [gateway, replica]) expect((await profile(key, on)).status).toBe(401);
    aSecondLater.mockRestore();
  });

  it('does not stay valid longer because the reply was slow', async () => {
    const key = newKey();
    const now = performance.now.bind(performance);
    let later = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + later);
    const { verifyApiKey } = gateway.auth;
    gateway.auth.verifyApiKey = (...args) => ((later = 900), verifyApiKey(...args));
    expect((await profile(key)).status).toBe(200);
    gateway.auth.verifyApiKey = refuse('unauthenticated');
    expect(await profile(key)).toMatchObject(refused);
  });

  it('is reused for the same time if it failed', async () => {
    const key = newKey();
    gateway.auth.verifyApiKey = refuse('unauthenticated');
    const asked = askedOf();
    const time = standStill();
    for (let turn = 0; turn < 5; turn++) expect(await profile(key)).toMatchObject(refused);
    expect(asked).toHaveLength(1);
    time.mockRestore();
    Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
    await eventually(async () => (await profile(key)).status === 200, { timeoutMs: 10_000 });
  });

  it('belongs to one key, not to all keys of the user', async () => {
    const asked = askedOf();
    const keys = [newKey(), newKey()];
    for (const key of keys) await profile(key);
    expect(asked).toEqual(keys.map(hashToken));
  });

  it('causes 503 with Retry-After if it is unavailable, and the next request retries it', async () => {
    const key = newKey();
    gateway.auth.verifyApiKey = () => Promise.reject(new Error('auth is broken'));
    const response = await profile(key);
    expect(response).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    expect(response.headers['retry-after']).toBe('1');
    Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
    expect((await profile(key)).status).toBe(200);
  });

  it('is limited to 32 keys at once, so that a flood of invented keys leaves capacity for sign-ins', async () => {
    const { verifyApiKey } = gateway.auth;
    gateway.auth.verifyApiKey = async (...args) => {
      await new Promise<void>((resolve) => unfinished.push(resolve));
      return verifyApiKey(...args);
    };
    const flood = Array.from({ length: 32 }, () => profile(newKey()));
    await eventually(() => unfinished.length === 32);
    expect(await profile(newKey())).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    for (const finish of unfinished) finish();
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([200]));
    Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
    expect((await profile(newKey())).status).toBe(200);
  });
});

describe('an IP address that sends invalid keys', () => {
  const from = (remoteAddress: string, key: string, on: TestGateway) =>
    on.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(key), remoteAddress });
  const limited = { status: 429, json: { code: 'rate_limited' } };

  it('is limited to sixty lookups per minute over all replicas, while its other requests and other IP addresses go on', async () => {
    const strict = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1' } });
    const both = [strict, await strict.replica()];
    const asked: string[] = [];
    const good = newKey();
    const { verifyApiKey } = strict.auth;
    strict.auth.verifyApiKey = (input, context) => {
      asked.push(input.hash);
      return input.hash === hashToken(good)
        ? verifyApiKey(input, context)
        : Promise.reject(new ProblemError('unauthenticated'));
    };
    const guess = (turn: number) => from('203.0.113.1', newKey(), both[turn % 2] ?? strict);
    for (let turn = 0; turn < 60; turn++) expect(await guess(turn)).toMatchObject(refused);
    // A replica that does not know yet that the window is full verifies one more key.
    for (let turn = 0; turn < 2; turn++) await guess(turn);
    const before = asked.length;
    for (let turn = 0; turn < 6; turn++) {
      const response = await guess(turn);
      expect(response).toMatchObject(limited);
      expect(Number(response.headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect(asked).toHaveLength(before);
    expect(before).toBeLessThanOrEqual(62);
    expect(await from('203.0.113.1', await strict.tokens.sign(), strict)).toMatchObject({ status: 200 });
    expect(await from('203.0.113.2', good, strict)).toMatchObject({ status: 200 });
  });

  it('can send a valid key any number of times', async () => {
    const strict = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1' } });
    const now = performance.now.bind(performance);
    let later = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + later);
    const key = newKey();
    for (let turn = 0; turn < 70; turn++, later += 801)
      expect((await from('203.0.113.3', key, strict)).status).toBe(200);
  });
});
