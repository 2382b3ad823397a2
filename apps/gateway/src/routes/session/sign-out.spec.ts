import type { logout, RequestOf } from '#libs/contracts';
import { createApiKey } from '#libs/encryption';
import { anotherSessionId, cookieHeader, ourPage, signedInBrowser } from '../../../test/browser';
import { bearer, startGateway, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse } from '../../../test/stub-services';
import { testSessionId, TestTokens } from '../../../test/tokens';

const cleared = { '__Host-access': '', '__Secure-refresh': '', '__Host-csrf': '' };
const anHourAgo = () => Math.floor(Date.now() / 1_000) - 3_600;

let gateway: TestGateway;
let ended: RequestOf<typeof logout>[];
beforeAll(async () => {
  gateway = await startGateway({ variables: { CORS_ORIGINS: 'https://console.acme.test' } });
});
beforeEach(() => {
  ended = [];
  gateway.auth.logout = async (named) => (ended.push(named), null);
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const signOut = (headers: Record<string, string> = {}, body?: object) =>
  gateway.ask({ method: 'POST', url: '/api/v1/auth/logout', headers, ...(body === undefined ? {} : { body }) });

describe('signing out in a browser', () => {
  it('ends the session and clears the cookies, with an empty body', async () => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    const response = await signOut({ cookie, ...ourPage, 'x-csrf-token': csrf, 'content-type': 'application/json' });
    expect(response).toMatchObject({ status: 204, body: '', cookies: cleared });
    expect(ended).toEqual([{ sessionId: testSessionId }]);
  });

  it('ends the session without an access cookie, also from an allowed page on another host', async () => {
    for (const page of [ourPage, { origin: 'https://console.acme.test', 'sec-fetch-site': 'same-site' }]) {
      const { csrfCookie: cookie, csrf } = await signedInBrowser(gateway);
      const response = await signOut({ cookie, ...page, 'x-csrf-token': csrf });
      expect(response).toMatchObject({ status: 204, cookies: cleared });
    }
    expect(ended).toEqual([{ sessionId: testSessionId }, { sessionId: testSessionId }]);
  });

  it('ends the session of an expired access cookie', async () => {
    const { response, csrf } = await signedInBrowser(gateway, { exp: anHourAgo() });
    const headers = { cookie: cookieHeader(response, '__Host-access'), ...ourPage, 'x-csrf-token': csrf };
    expect(await signOut(headers)).toMatchObject({ status: 204, cookies: cleared });
    expect(ended).toEqual([{ sessionId: testSessionId }]);
  });

  it('clears the cookies when they name no session, such as when it is repeated', async () => {
    const { csrf } = await signedInBrowser(gateway);
    const bad = '__Host-access=a.b.c; __Host-csrf=planted';
    for (const headers of [{}, { 'x-csrf-token': csrf }, { cookie: bad, 'x-csrf-token': csrf }, { cookie: bad }]) {
      expect(await signOut({ ...ourPage, ...headers })).toMatchObject({ status: 204, cookies: cleared });
    }
    expect(ended).toEqual([]);
  });

  it.each<[string, (csrf: string) => Record<string, string>]>([
    ['without the CSRF token', () => ourPage],
    ['with an empty CSRF token', () => ({ ...ourPage, 'x-csrf-token': '' })],
    ['with a changed CSRF token', (csrf) => ({ ...ourPage, 'x-csrf-token': `${csrf.slice(0, -2)}AA` })],
    ['from another site', (csrf) => ({ origin: 'https://evil.test', 'x-csrf-token': csrf })],
    ['from a sibling subdomain', (csrf) => ({ origin: 'https://blog.acme.test', 'x-csrf-token': csrf })],
  ])('is refused %s, and neither ends the session nor clears a cookie', async (_how, headers) => {
    const { cookie, csrfCookie, csrf } = await signedInBrowser(gateway);
    for (const cookies of [cookie, csrfCookie]) {
      const response = await signOut({ cookie: cookies, ...headers(csrf) });
      expect(response).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
    }
    expect(ended).toEqual([]);
  });

  it('is refused with a CSRF token of another session than that of the cookies', async () => {
    const { csrf } = await signedInBrowser(gateway);
    const { cookie } = await signedInBrowser(gateway, { sid: anotherSessionId });
    expect((await signOut({ cookie, ...ourPage, 'x-csrf-token': csrf })).status).toBe(403);
    expect(ended).toEqual([]);
  });

  it('clears nothing from another site, even if no cookie is sent', async () => {
    expect(await signOut({ origin: 'https://evil.test' })).toMatchObject({ status: 403, cookies: {} });
  });

  it('keeps the cookies when auth is down, so that it can be repeated', async () => {
    const { cookie, csrf } = await signedInBrowser(gateway);
    gateway.auth.logout = refuse('service_unavailable');
    expect(await signOut({ cookie, ...ourPage, 'x-csrf-token': csrf })).toMatchObject({ status: 503, cookies: {} });
  });
});

describe('signing out as a program', () => {
  it('ends the session of its access token, even if the token has expired', async () => {
    for (const claims of [{}, { exp: anHourAgo() }, { act: { sub: anotherSessionId }, exp: anHourAgo() }]) {
      expect((await signOut(bearer(await gateway.tokens.sign(claims)))).status).toBe(204);
    }
    expect(ended).toEqual(Array(3).fill({ sessionId: testSessionId }));
  });

  it('ends the session of its refresh token, with or without an access token', async () => {
    const refreshToken = 'refresh-1';
    expect((await signOut({}, { refreshToken })).status).toBe(204);
    expect((await signOut(bearer(await gateway.tokens.sign()), { refreshToken })).status).toBe(204);
    expect((await signOut(bearer('a.b.c'), { refreshToken })).status).toBe(204);
    expect(ended).toEqual([{ refreshToken }, { refreshToken, sessionId: testSessionId }, { refreshToken }]);
  });

  it('returns 204 when nothing names a session', async () => {
    expect((await signOut()).status).toBe(204);
    expect(ended).toEqual([]);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['of another issuer', () => gateway.tokens.sign({ iss: 'https://evil.test', exp: anHourAgo() })],
    ['for another audience', () => gateway.tokens.sign({ aud: 'elsewhere', exp: anHourAgo() })],
    ['of another type', () => gateway.tokens.sign({ exp: anHourAgo() }, { typ: 'JWT' })],
    ['without a session', () => gateway.tokens.sign({ exp: anHourAgo(), sid: undefined })],
    ['signed by another key', async () => (await TestTokens.create('https://evil.test')).sign({ exp: anHourAgo() })],
    ['that is none', () => 'a.b.c'],
    ['that is longer than any of ours', () => `${'a'.repeat(5_000)}.${'b'.repeat(100)}.c`],
  ])('returns 401 and ends nothing with an expired token %s', async (_which, forge) => {
    expect(await signOut(bearer(await forge()))).toMatchObject({ status: 401, json: { code: 'unauthenticated' } });
    expect(ended).toEqual([]);
  });

  it('refuses an API key, which is revoked elsewhere', async () => {
    const response = await signOut(bearer(createApiKey().key));
    expect(response).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });
    expect(ended).toEqual([]);
  });
});
