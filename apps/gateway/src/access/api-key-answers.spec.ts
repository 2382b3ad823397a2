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

/** What auth was asked for, from now on. */
function askedOf(): string[] {
  const asked: string[] = [];
  const { verifyApiKey } = gateway.auth;
  gateway.auth.verifyApiKey = (input, context) => (asked.push(input.hash), verifyApiKey(input, context));
  return asked;
}

/** However long the requests take here, they come at once. */
function standStill() {
  return jest.spyOn(performance, 'now').mockReturnValue(performance.now());
}

describe('what auth says of a key', () => {
  it('is asked for once by many requests at once, and not at each request after that', async () => {
    const asked = askedOf();
    standStill();
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 30 }, () => profile(key)));
    answers.push(await profile(key));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(asked).toHaveLength(1);
  });

  it('is believed for less than a second: a revoked key is refused by every replica within one', async () => {
    const key = newKey();
    for (const on of [gateway, replica]) expect((await profile(key, on)).status).toBe(200);
    gateway.auth.verifyApiKey = refuse('unauthenticated');
    const now = performance.now.bind(performance);
    const aSecondLater = jest.spyOn(performance, 'now').mockImplementation(() => now() + 1_000);
    for (const on of [gateway, replica]) expect((await profile(key, on)).status).toBe(401);
    aSecondLater.mockRestore();
  });

  it('is not believed for longer because it came late', async () => {
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

  it('no is remembered no longer than yes', async () => {
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

  it('belongs to one key: another of the same person is asked for by itself', async () => {
    const asked = askedOf();
    const keys = [newKey(), newKey()];
    for (const key of keys) await profile(key);
    expect(asked).toEqual(keys.map(hashToken));
  });

  it('is missing: 503 with a time to come back, and the next request asks again', async () => {
    const key = newKey();
    gateway.auth.verifyApiKey = () => Promise.reject(new Error('auth is broken'));
    const answer = await profile(key);
    expect(answer).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
    expect(answer.headers['retry-after']).toBe('1');
    Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
    expect((await profile(key)).status).toBe(200);
  });

  it('is asked for 32 keys at once: a flood of invented ones leaves the rest of auth to others', async () => {
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

describe('an address that invents keys', () => {
  const from = (remoteAddress: string, key: string, on: TestGateway) =>
    on.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(key), remoteAddress });
  const limited = { status: 429, json: { code: 'rate_limited' } };

  it('has sixty looked up in a minute, whichever replica it asks; its other requests, and other addresses, go on', async () => {
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
    // A replica that does not know yet that the window is full looks one more up.
    for (let turn = 0; turn < 2; turn++) await guess(turn);
    const before = asked.length;
    for (let turn = 0; turn < 6; turn++) {
      const answer = await guess(turn);
      expect(answer).toMatchObject(limited);
      expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    }
    expect(asked).toHaveLength(before);
    expect(before).toBeLessThanOrEqual(62);
    expect(await from('203.0.113.1', await strict.tokens.sign(), strict)).toMatchObject({ status: 200 });
    expect(await from('203.0.113.2', good, strict)).toMatchObject({ status: 200 });
  });

  it('may send a right one as often as it likes', async () => {
    const strict = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1' } });
    const now = performance.now.bind(performance);
    let later = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + later);
    const key = newKey();
    for (let turn = 0; turn < 70; turn++, later += 801)
      expect((await from('203.0.113.3', key, strict)).status).toBe(200);
  });
});
