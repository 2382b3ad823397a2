import { scopes } from '#libs/contracts';
import { createApiKey, hashToken } from '#libs/encryption';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../test/gateway';
import { agreeableApiKeys } from '../../test/api-keys';
import { agreeableAuth, refuse } from '../../test/stub-services';
import { testApiKeyId, testUserId } from '../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { RATE_LIMIT_FACTOR: '1000' } });
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));
afterEach(() => jest.restoreAllMocks());

const newKey = () => createApiKey().key;
const profile = (key: string, on = gateway) => on.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(key) });
const verifiedWith = async (changes: object) => ({ ...(await agreeableApiKeys.verifyApiKey()), ...changes });
const refused = { status: 401, json: { code: 'unauthenticated' } };

/** Records which keys the auth service is asked to verify from now on. */
function askedOf(): string[] {
  const asked: string[] = [];
  const { verifyApiKey } = gateway.auth;
  gateway.auth.verifyApiKey = (input, context) => (asked.push(input.hash), verifyApiKey(input, context));
  return asked;
}

describe('an API key as a bearer token', () => {
  it('gives the access of its scopes as its user, without a CSRF token', async () => {
    gateway.auth.verifyApiKey = () => verifiedWith({ scopes: ['profile:read', 'profile:write'] });
    const key = newKey();
    expect(await profile(key)).toMatchObject({ status: 200, json: { id: testUserId } });
    const rename = { method: 'PATCH', url: '/api/v1/users/me', body: { name: 'Ada' } } as const;
    expect((await gateway.ask({ ...rename, headers: bearer(key) })).status).toBe(200);
  });

  it('is sent to the auth service as a hash, and reaches the service as an actor with its scopes', async () => {
    const asked = askedOf();
    const actors: unknown[] = [];
    const { getProfile } = gateway.auth;
    gateway.auth.getProfile = (input, context) => (actors.push(context.actor), getProfile(input, context));
    const key = newKey();
    await profile(key);
    expect(asked).toEqual([hashToken(key)]);
    expect(actors).toEqual([
      {
        ...{ kind: 'api_key', apiKeyId: testApiKeyId, userId: testUserId },
        ...{ scopes: [...scopes], organizationId: null, roles: [] },
      },
    ]);
  });

  it('is refused without the scope before the body is validated', async () => {
    gateway.auth.verifyApiKey = () => verifiedWith({ scopes: ['profile:read', '*', 'profile'] });
    const response = await gateway.ask({
      method: 'PATCH',
      url: '/api/v1/users/me',
      headers: bearer(newKey()),
      body: { name: '' },
    });
    expect(response).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });
  });

  const impostors: Record<string, (key: string) => string> = {
    'with a wrong checksum': (key) => `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`,
    'with another random part': (key) => `gw_live_${'a'.repeat(30)}${key.slice(-6)}`,
    'in small letters': (key) => key.toLowerCase(),
    'in capitals': (key) => key.toUpperCase(),
    'of another environment': (key) => key.replace('live', 'test'),
    'cut short': (key) => key.slice(0, -1),
    'followed by more': (key) => `${key} ${key}`,
    'that is its hash': (key) => hashToken(key),
    'dressed up as a token': (key) => `${key}.a.b`,
  };
  it.each(Object.entries(impostors))('is refused without a call to the auth service: %s', async (_name, change) => {
    const asked = askedOf();
    const response = await profile(change(newKey()));
    expect(response).toMatchObject(refused);
    expect(response.headers['www-authenticate']).toBe('Bearer realm="groundwork"');
    expect(asked).toEqual([]);
  });

  it('is refused if the auth service does not know it, although its checksum is right', async () => {
    gateway.auth.verifyApiKey = refuse('unauthenticated');
    expect(await profile(newKey())).toMatchObject(refused);
  });

  it('is refused from the moment it expires, although it was verified before', async () => {
    const expiresAt = new Date(Date.now() + 30_000).toISOString();
    gateway.auth.verifyApiKey = () => verifiedWith({ expiresAt });
    const key = newKey();
    expect((await profile(key)).status).toBe(200);
    jest.spyOn(Date, 'now').mockReturnValue(Date.parse(expiresAt));
    expect(await profile(key)).toMatchObject(refused);
  });
});

describe('an API key in another place', () => {
  const places: Record<string, (key: string) => Omit<TestRequest, 'method'>> = {
    'in the cookie of access tokens': (key) => ({
      url: '/api/v1/users/me',
      headers: { cookie: `__Host-access=${key}` },
    }),
    'in a cookie of its own': (key) => ({
      url: '/api/v1/users/me',
      headers: { cookie: `api_key=${key}; apiKey=${key}` },
    }),
    'in the query': (key) => ({ url: `/api/v1/users/me?access_token=${key}&api_key=${key}&${key}` }),
    'in other headers': (key) => ({ url: '/api/v1/users/me', headers: { 'x-api-key': key, 'api-key': key } }),
    'under another scheme': (key) => ({ url: '/api/v1/users/me', headers: { authorization: `Basic ${key}` } }),
    'without a scheme': (key) => ({ url: '/api/v1/users/me', headers: { authorization: key } }),
  };
  it.each(Object.entries(places))('is ignored without a call to the auth service: %s', async (_where, put) => {
    const asked = askedOf();
    expect(await gateway.ask({ method: 'GET', ...put(newKey()) })).toMatchObject(refused);
    expect(asked).toEqual([]);
  });

  it('gives no access in the body or header of a public route', async () => {
    const asked = askedOf();
    const key = newKey();
    const body = { email: 'ada@example.com', password: key };
    gateway.auth.login = refuse('invalid_credentials');
    const response = await gateway.ask({ method: 'POST', url: '/api/v1/auth/login', headers: bearer(key), body });
    expect(response).toMatchObject({ status: 401, json: { code: 'invalid_credentials' } });
    const refresh = { method: 'POST', url: '/api/v1/auth/refresh', body: { refreshToken: key } } as const;
    gateway.auth.refresh = refuse('refresh_token_invalid');
    expect(await gateway.ask(refresh)).toMatchObject({ status: 401, json: { code: 'refresh_token_invalid' } });
    expect(asked).toEqual([]);
  });

  it('is not used as a request id, so that it appears in no log', async () => {
    const key = newKey();
    const response = await gateway.ask({
      method: 'GET',
      url: '/api/v1/openapi.json',
      headers: { 'x-request-id': key },
    });
    expect(response.headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });
});
