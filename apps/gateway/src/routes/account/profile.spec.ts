import { bearer, startGateway, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse, userWith } from '../../../test/stub-services';
import { testUserId } from '../../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const ask = async (method: 'GET' | 'HEAD' | 'PATCH', body?: object) =>
  gateway.ask({
    method,
    url: '/api/v1/users/me',
    headers: bearer(await gateway.tokens.sign()),
    ...(body === undefined ? {} : { body }),
  });

describe('your own account', () => {
  it('is returned with exactly the fields of the contract', async () => {
    const response = await ask('GET');
    expect(response.status).toBe(200);
    expect(response.json).toEqual(userWith({ id: testUserId }));
  });

  it('responds to HEAD like GET, without the body', async () => {
    expect(await ask('HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it('accepts a new name and trims it', async () => {
    expect(await ask('PATCH', { name: '  Grace   Hopper ' })).toMatchObject({
      status: 200,
      json: { name: 'Grace Hopper' },
    });
  });

  it.each([
    [{}, ''],
    [{ name: '' }, 'name'],
    [{ name: 'x'.repeat(101) }, 'name'],
    [{ name: 'see https://evil.test' }, 'name'],
    [{ name: 'a\u202eb' }, 'name'],
    [{ locale: 'xx' }, 'locale'],
    [{ avatarUrl: 'http://169.254.169.254/latest/meta-data' }, 'avatarUrl'],
    [{ email: 'new@example.com' }, 'email'],
    [{ emailVerified: true }, 'emailVerified'],
  ])('refuses %j', async (changes, path) => {
    const response = await ask('PATCH', changes);
    expect(response).toMatchObject({ status: 422, json: { code: 'validation_failed' } });
    expect(response.json).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it('returns 401 if the user no longer exists', async () => {
    gateway.auth.getProfile = refuse('unauthenticated');
    expect(await ask('GET')).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
  });
});

it('returns 503 with Retry-After when a service does not respond, instead of hanging', async () => {
  const alone = await startGateway();
  await alone.ask({ method: 'GET', url: '/.well-known/jwks.json' });
  const headers = bearer(await alone.tokens.sign());
  await alone.stopAuth();
  const response = await alone.ask({ method: 'GET', url: '/api/v1/users/me', headers });
  await alone.stop();
  expect(response).toMatchObject({ status: 503, json: { code: 'service_unavailable' } });
  expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
});
