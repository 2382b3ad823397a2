import type { RequestOf, refresh } from '#libs/contracts';
import { anotherSessionId, cookieMode, credentials, ourPage, signedInBrowser } from '../../../test/browser';
import { startGateway, type TestResponse, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse, userWith } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { CORS_ORIGINS: 'https://console.acme.test' } });
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const post = (url: string, headers: Record<string, string> = {}, body?: object) =>
  gateway.ask({ method: 'POST', url: `/api/v1/auth/${url}`, headers, ...(body === undefined ? {} : { body }) });
const signIn = (headers: Record<string, string> = {}) => post('login', headers, credentials);

function setCookie(response: TestResponse, name: string): string | undefined {
  return [response.headers['set-cookie']]
    .flat()
    .map(String)
    .find((cookie) => cookie.startsWith(`${name}=`));
}

describe('signing in', () => {
  it('returns the tokens in the body and no cookie for API clients', async () => {
    const response = await signIn();
    expect(response).toMatchObject({ status: 200, cookies: {} });
    expect(response.json).toEqual({
      type: 'session',
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 600,
      refreshToken: 'refresh-1',
      user: userWith(),
    });
  });

  it('returns the tokens only in cookies that no script can read for browsers', async () => {
    const { response } = await signedInBrowser(gateway);
    expect(response.status).toBe(200);
    expect(response.json).toEqual({
      type: 'cookie_session',
      expiresIn: 600,
      user: userWith(),
      csrfToken: response.cookies['__Host-csrf'],
    });
    expect(setCookie(response, '__Host-access')).toMatch(/; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(setCookie(response, '__Secure-refresh')).toMatch(
      /; Path=\/api\/v1\/auth\/refresh; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(setCookie(response, '__Host-csrf')).toMatch(/; Path=\/; Secure; SameSite=Lax$/);
  });

  it('works the same with the token of a verification email', async () => {
    const response = await post('verify-email', cookieMode, { token: 'from-the-mail' });
    expect(response.json).toEqual({
      type: 'cookie_session',
      expiresIn: 600,
      user: userWith(),
      csrfToken: response.cookies['__Host-csrf'],
    });
    expect(Object.keys(response.cookies).sort()).toEqual([
      '__Host-access',
      '__Host-csrf',
      '__Host-device',
      '__Secure-refresh',
    ]);
  });

  it.each([
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { origin: 'https://blog.acme.test', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a page that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['our host without TLS', { origin: 'http://app.acme.test' }],
  ])('is refused as a browser from %s before the password is checked', async (_who, headers) => {
    gateway.auth.login = refuse('internal_error');
    const response = await signIn({ 'x-session-mode': 'cookie', ...headers });
    expect(response).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
  });

  it('works as a browser from an allowed origin', async () => {
    const response = await signIn({
      ...cookieMode,
      origin: 'https://console.acme.test',
      'sec-fetch-site': 'same-site',
    });
    expect(response.status).toBe(200);
  });

  it('returns 401 and sets no cookies with wrong credentials', async () => {
    gateway.auth.login = refuse('invalid_credentials');
    expect(await signIn(cookieMode)).toMatchObject({ status: 401, json: { code: 'invalid_credentials' }, cookies: {} });
  });
});

describe('refreshing', () => {
  const spyOnRefresh = () => {
    const seen: RequestOf<typeof refresh>[] = [];
    const { refresh: original } = gateway.auth;
    gateway.auth.refresh = (input, context) => (seen.push(input), original(input, context));
    return seen;
  };

  it('reads the token from the body and responds in the body', async () => {
    const seen = spyOnRefresh();
    const response = await post('refresh', {}, { refreshToken: 'from-body' });
    expect(response).toMatchObject({ status: 200, json: { refreshToken: 'refresh-1' }, cookies: {} });
    expect(seen).toEqual([{ refreshToken: 'from-body' }]);
  });

  it('reads the token from the cookie, and never returns one in the body', async () => {
    const { refreshCookie, csrf } = await signedInBrowser(gateway);
    const seen = spyOnRefresh();
    const response = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(response.json).toEqual({
      type: 'cookie_session',
      expiresIn: 600,
      user: userWith(),
      csrfToken: response.cookies['__Host-csrf'],
    });
    expect(response.cookies['__Secure-refresh']).toBe('refresh-1');
    expect(seen).toEqual([{ refreshToken: 'refresh-1' }]);
  });

  it('needs the CSRF token too if it uses the cookie', async () => {
    const { refreshCookie } = await signedInBrowser(gateway);
    const seen = spyOnRefresh();
    expect((await post('refresh', { cookie: refreshCookie, ...ourPage })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  it('does not use up the refresh token if the CSRF token belongs to an earlier session of another tab', async () => {
    const { csrf } = await signedInBrowser(gateway);
    const other = await signedInBrowser(gateway, { sid: anotherSessionId });
    const seen = spyOnRefresh();
    const response = await post('refresh', { cookie: other.refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(response).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
    expect(seen).toEqual([]);
  });

  it('does not sign in to the session of a refresh cookie that a sibling subdomain planted', async () => {
    const { refreshCookie, csrf } = await signedInBrowser(gateway);
    const { refresh: own } = gateway.auth;
    gateway.auth.refresh = async (input, context) => ({
      ...(await own(input, context)),
      ...(input.refreshToken === 'planted' && { accessToken: await gateway.tokens.sign({ sid: anotherSessionId }) }),
    });
    const cookie = `__Secure-refresh=planted; ${refreshCookie}`;
    const response = await post('refresh', { cookie, ...ourPage, 'x-csrf-token': csrf });
    expect(response).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
  });

  it('clears the cookies when the token is no longer valid', async () => {
    const { refreshCookie, csrf } = await signedInBrowser(gateway);
    gateway.auth.refresh = refuse('refresh_token_reused');
    const response = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(response).toMatchObject({ status: 401, json: { code: 'refresh_token_reused' } });
    expect(response.cookies).toEqual({ '__Host-access': '', '__Secure-refresh': '', '__Host-csrf': '' });
  });

  it('keeps the cookies when auth is only slow', async () => {
    const { refreshCookie, csrf } = await signedInBrowser(gateway);
    gateway.auth.refresh = refuse('service_unavailable');
    const response = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(response).toMatchObject({ status: 503, cookies: {} });
  });

  it('returns 422 to programs and 401 to browsers without a token', async () => {
    expect(await post('refresh')).toMatchObject({ status: 422, json: { errors: [{ path: 'refreshToken' }] } });
    expect(await post('refresh', cookieMode)).toMatchObject({ status: 401, json: { code: 'refresh_token_invalid' } });
  });
});
