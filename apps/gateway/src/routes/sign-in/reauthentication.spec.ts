import type { beginOauthReauthentication, RequestOf } from '#libs/contracts';
import { bearer, publicUrl, startGateway, type TestGateway } from '../../../test/gateway';
import { refuse } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));

const id = 'aWQ';
/** The JSON of a browser's `toJSON()`. */
const passkey = {
  response: {
    ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
    response: { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' },
  },
};

const ask = (path: string, body: object, headers: Record<string, string>) =>
  gateway.ask({ method: 'POST', url: `/api/v1/auth/reauthenticate${path}`, headers, body });

async function browser() {
  const { cookies } = await gateway.ask({
    method: 'POST',
    url: '/api/v1/auth/login',
    headers: { origin: publicUrl, 'sec-fetch-site': 'same-origin', 'x-session-mode': 'cookie' },
    body: { email: 'ada@example.com', password: 'correct horse battery' },
  });
  const csrf = cookies['__Host-csrf'] ?? '';
  return {
    cookie: `__Host-access=${cookies['__Host-access']}; __Host-csrf=${csrf}`,
    origin: publicUrl,
    'x-csrf-token': csrf,
  };
}

const proofs: [string, string, object][] = [
  ['a password', '', { password: 'correct horse battery' }],
  ['a passkey', '/passkey', passkey],
];

it.each(proofs)('%s returns a new access token to programs and a cookie to browsers', async (_what, path, body) => {
  expect(await ask(path, body, bearer(await gateway.tokens.sign()))).toMatchObject({
    status: 200,
    json: { accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 600 },
  });
  const response = await ask(path, body, await browser());
  expect(response).toMatchObject({ status: 200, json: { expiresIn: 600 } });
  expect(Object.keys(response.cookies)).toEqual(['__Host-access']);
});

it.each(proofs)('%s is refused without a session and from another site', async (_what, path, body) => {
  expect((await ask(path, body, {})).status).toBe(401);
  const headers = { ...(await browser()), origin: 'https://evil.test' };
  expect(await ask(path, body, headers)).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
});

it('requests a passkey before its response, and returns 400 for a wrong response', async () => {
  const headers = bearer(await gateway.tokens.sign());
  expect(await ask('/passkey/options', {}, headers)).toMatchObject({ status: 200, json: { rpId: 'app.acme.test' } });
  gateway.auth.reauthenticateWithPasskey = refuse('passkey_rejected');
  expect(await ask('/passkey', passkey, headers)).toMatchObject({ status: 400, json: { code: 'passkey_rejected' } });
  expect((await ask('/passkey', { password: 'x' }, headers)).status).toBe(422);
});

describe('at a provider', () => {
  const asked: RequestOf<typeof beginOauthReauthentication>[] = [];
  beforeEach(() => {
    asked.length = 0;
    const { beginOauthReauthentication: begin } = gateway.auth;
    gateway.auth.beginOauthReauthentication = (input, context) => (asked.push(input), begin(input, context));
  });

  it('returns its URL and the cookie, and distinguishes browsers with cookies from programs', async () => {
    for (const headers of [await browser(), bearer(await gateway.tokens.sign())]) {
      const response = await ask('/oauth', { provider: 'acme', returnTo: '/settings', code: '123456' }, headers);
      expect(response).toMatchObject({ status: 200, cookies: { '__Host-oauth': 'browser-secret' } });
      expect(response.json).toEqual({ url: 'https://issuer.test/authorize?state=s' });
      expect(response.headers['ratelimit-policy']).toMatch(/^"sensitive";/);
    }
    const input = { provider: 'acme', returnTo: '/settings', code: '123456' };
    expect(asked).toEqual([
      { ...input, cookies: true },
      { ...input, cookies: false },
    ]);
  });

  it('does not let clients choose how tokens are sent, or redirect to another site', async () => {
    const headers = bearer(await gateway.tokens.sign());
    for (const body of [
      { cookies: true },
      { returnTo: '//evil.test' },
      { provider: undefined },
      { provider: ['acme'] },
    ]) {
      expect((await ask('/oauth', { provider: 'acme', ...body }, headers)).status).toBe(422);
    }
    expect(asked).toEqual([]);
  });

  it('is refused without a session and from a page of another site', async () => {
    const body = { provider: 'acme' };
    expect((await ask('/oauth', body, {})).status).toBe(401);
    const headers = { ...(await browser()), origin: 'https://evil.test' };
    expect(await ask('/oauth', body, headers)).toMatchObject({
      status: 403,
      json: { code: 'csrf_failed' },
      cookies: {},
    });
    expect(asked).toEqual([]);
  });

  it.each([
    ['identity_not_linked', 403],
    ['invalid_code', 401],
    ['not_found', 404],
    ['oauth_failed', 400],
  ] as const)('passes on the error %s as %i, without a cookie', async (code, status) => {
    gateway.auth.beginOauthReauthentication = refuse(code);
    const response = await ask('/oauth', { provider: 'acme' }, bearer(await gateway.tokens.sign()));
    expect(response).toMatchObject({ status, json: { code }, cookies: {} });
  });
});
