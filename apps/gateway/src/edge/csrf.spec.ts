import { anotherSessionId, cookieHeader, ourPage, signedInBrowser } from '../../test/browser';
import { bearer, startGateway, type TestGateway } from '../../test/gateway';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { CORS_ORIGINS: 'https://console.acme.test' } });
});

describe('a request with the access cookie', () => {
  const rename = (headers: Record<string, string>) =>
    gateway.ask({ method: 'PATCH', url: '/api/v1/users/me', headers, body: { name: 'Grace' } });

  it('reads without a CSRF token', async () => {
    const { cookie } = await signedInBrowser(gateway);
    expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: { cookie } })).status).toBe(200);
  });

  it('changes something with the CSRF token, from our page', async () => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    expect(await rename({ cookie, ...ourPage, 'x-csrf-token': csrf })).toMatchObject({
      status: 200,
      json: { name: 'Grace' },
    });
  });

  it.each<[string, (csrf: string) => Record<string, string>]>([
    ['without the token', () => ourPage],
    ['with an empty token', () => ({ ...ourPage, 'x-csrf-token': '' })],
    ['with a changed token', (csrf) => ({ ...ourPage, 'x-csrf-token': `${csrf.slice(0, -2)}AA` })],
    ['with the token, but from another site', (csrf) => ({ origin: 'https://evil.test', 'x-csrf-token': csrf })],
  ])('changes nothing %s', async (_how, headers) => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    expect(await rename({ cookie, ...headers(csrf) })).toMatchObject({ status: 403, json: { code: 'csrf_failed' } });
  });

  it('changes nothing with the token of another session, planted in header and cookie', async () => {
    const { response } = await signedInBrowser(gateway);
    const { csrf } = await signedInBrowser(gateway, { sid: anotherSessionId });
    const cookie = `${cookieHeader(response, '__Host-access')}; __Host-csrf=${csrf}`;
    expect((await rename({ cookie, ...ourPage, 'x-csrf-token': csrf })).status).toBe(403);
  });

  it('is not blocked by a cookie that a sibling subdomain planted under another name or with another value', async () => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    const planted = { cookie: `csrf=planted; __Host-csrf=planted; ${cookie}; csrf=planted`, ...ourPage };
    expect((await rename({ ...planted, 'x-csrf-token': csrf })).status).toBe(200);
    expect((await rename({ ...planted, 'x-csrf-token': 'planted' })).status).toBe(403);
  });

  it('accepts every CSRF token of its session, so that a refresh in one tab does not break the others', async () => {
    const { csrf } = await signedInBrowser(gateway);
    const { cookie, csrf: newer } = await signedInBrowser(gateway);
    expect(newer).not.toBe(csrf);
    expect((await rename({ cookie, ...ourPage, 'x-csrf-token': csrf })).status).toBe(200);
  });

  it.each<[string, (csrf: string) => string]>([
    ['with something after it', (csrf) => `${csrf}.x`],
    ['without its nonce', (csrf) => csrf.replace(/\..*\./, '.')],
    ['with another session in it', (csrf) => csrf.replace(/^[\da-f-]+/, '01890a5d-ac96-774b-bcce-b302099a8059')],
    ['with spaces', (csrf) => csrf.replaceAll('.', ' . ')],
    ['of 10 kB', (csrf) => `${csrf}${'A'.repeat(10_000)}`],
  ])('changes nothing with a CSRF token %s', async (_how, change) => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    const headers = { cookie, ...ourPage, 'x-csrf-token': change(csrf) };
    expect((await rename(headers)).status).toBe(403);
  });

  it('needs no CSRF token with a bearer token, which no browser sends automatically', async () => {
    const { cookie } = await signedInBrowser(gateway);
    expect((await rename({ cookie, ...bearer(await gateway.tokens.sign()) })).status).toBe(200);
  });

  it.each(['Bearer bad', 'bearer', 'BEARER '])(
    'does not fall back to the cookie when the bearer token is invalid: %j',
    async (authorization) => {
      const { cookie } = await signedInBrowser(gateway);
      const headers = { cookie, authorization };
      expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers })).status).toBe(401);
    },
  );

  it.each(['Basic c3RhZ2luZzpzZWNyZXQ=', 'Digest username="staging"', 'Negotiate YII=', 'Bearers x', ''])(
    'works with credentials of another scheme, which a proxy in front may need: %j',
    async (authorization) => {
      const { cookie, csrf } = await signedInBrowser(gateway);
      const headers = { cookie, authorization };
      expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers })).status).toBe(200);
      expect((await rename({ ...headers, ...ourPage })).status).toBe(403);
      expect((await rename({ ...headers, ...ourPage, 'x-csrf-token': csrf })).status).toBe(200);
      expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: { authorization } })).status).toBe(
        401,
      );
    },
  );
});

describe('the CSRF token of a browser', () => {
  const ask = async (headers: Record<string, string>) =>
    (await gateway.ask({ method: 'GET', url: '/api/v1/auth/csrf-token', headers })).json;

  it('can be read again by allowed pages, even on another host or without the access cookie', async () => {
    const { refreshCookie: cookie, csrf: csrfToken } = await signedInBrowser(gateway);
    const pages = [{ origin: 'https://console.acme.test', 'sec-fetch-site': 'same-site' }, ourPage, {}];
    for (const page of pages) expect(await ask({ cookie, ...page })).toEqual({ csrfToken });
    expect(await ask({ cookie, 'sec-fetch-site': 'same-origin' })).toEqual({ csrfToken });
  });

  it('is null for other pages, and without a session', async () => {
    const { cookie } = await signedInBrowser(gateway);
    const nothing = { csrfToken: null };
    expect(await ask({ cookie, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).toEqual(nothing);
    expect(await ask({ cookie, 'sec-fetch-site': 'same-site' })).toEqual(nothing);
    expect(await ask({ cookie: '__Host-csrf=planted', ...ourPage })).toEqual(nothing);
    expect(await ask(ourPage)).toEqual(nothing);
  });
});
