import { createApiKey, hashToken } from '#libs/encryption';
import { randomUUID } from 'node:crypto';
import { bearer, startGateway, type TestRequest, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse } from '../../../test/stub-services';
import { testApiKeyId, testUserId } from '../../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const newKey = () => createApiKey().key;

describe('the routes of API keys', () => {
  const ask = async (request: Omit<TestRequest, 'headers'>) =>
    gateway.ask({ ...request, headers: bearer(await gateway.tokens.sign()) });
  const url = '/api/v1/users/me/api-keys';

  it('create a key, list keys without their secret, and revoke a key', async () => {
    const created = await ask({ method: 'POST', url, body: { name: 'CI', scopes: ['profile:read'] } });
    expect(created).toMatchObject({ status: 201, json: { name: 'CI', key: 'gw_live_shown-once' } });
    expect(created.headers['cache-control']).toBe('no-store');
    const listed = await ask({ method: 'GET', url });
    expect(listed).toMatchObject({ status: 200, json: { data: [{ hint: 'gw_live_abcd…wxyz' }], nextCursor: null } });
    expect(listed.body).not.toContain('"key"');
    expect(await ask({ method: 'DELETE', url: `${url}/${testApiKeyId}` })).toMatchObject({ status: 204, body: '' });
  });

  it.each([
    [{ userId: randomUUID() }, 'userId'],
    [{ id: randomUUID() }, 'id'],
    [{ scopes: ['*'] }, 'scopes.0'],
    [{ scopes: ['profile:read', 'profile:read'] }, 'scopes'],
    [{ expiresInDays: 367 }, 'expiresInDays'],
  ])('refuse %p', async (field, path) => {
    const response = await ask({ method: 'POST', url, body: { name: 'CI', scopes: ['profile:read'], ...field } });
    expect(response).toMatchObject({ status: 422, json: { errors: [{ path }] } });
  });

  it('return the same error for another user’s key and for one that does not exist', async () => {
    gateway.auth.revokeApiKey = refuse('not_found');
    const [one, other] = [
      await ask({ method: 'DELETE', url: `${url}/${randomUUID()}` }),
      await ask({ method: 'DELETE', url: `${url}/${randomUUID()}` }),
    ];
    const anonymous = ({ body }: { body: string }) => body.replace(/"requestId":"[^"]*"/, '');
    expect(one.status).toBe(404);
    expect(anonymous(one)).toBe(anonymous(other));
  });
});

describe('an idempotency key', () => {
  const rename = (key: string, token: string, name: string) =>
    gateway.ask({
      method: 'PATCH',
      url: '/api/v1/users/me',
      headers: { 'idempotency-key': key, ...bearer(token) },
      body: { name },
    });

  it('is separate for a user’s session and each of their API keys, so none reads another’s response', async () => {
    const key = randomUUID();
    const session = await gateway.tokens.sign();
    const [first, second] = [newKey(), newKey()];
    const ids = new Map([first, second].map((apiKey) => [hashToken(apiKey), randomUUID()]));
    const person = { userId: testUserId, scopes: ['profile:write'], expiresAt: '2100-01-01T00:00:00.000Z' };
    gateway.auth.verifyApiKey = async ({ hash }) => ({ ...person, apiKeyId: ids.get(hash) ?? randomUUID() });
    expect((await rename(key, session, 'By session')).json).toMatchObject({ name: 'By session' });
    for (const token of [first, second]) {
      const response = await rename(key, token, 'By session');
      expect(response).toMatchObject({ status: 200, json: { name: 'By session' } });
      expect(response.headers['idempotency-replayed']).toBeUndefined();
    }
    for (const token of [session, first, second]) {
      expect((await rename(key, token, 'By session')).headers['idempotency-replayed']).toBe('true');
    }
  });

  it('never returns a secret of a session to an API key', async () => {
    const ask = async (token: string) =>
      gateway.ask({
        method: 'POST',
        url: '/api/v1/users/me/api-keys',
        headers: { 'idempotency-key': 'the-same', ...bearer(token) },
        body: { name: 'CI', scopes: ['profile:read'] },
      });
    const session = await gateway.tokens.sign();
    expect(await ask(session)).toMatchObject({ status: 201, json: { key: 'gw_live_shown-once' } });
    expect((await ask(session)).headers['idempotency-replayed']).toBe('true');
    const response = await ask(newKey());
    expect(response).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });
    expect(response.body).not.toContain('gw_live_');
  });
});
