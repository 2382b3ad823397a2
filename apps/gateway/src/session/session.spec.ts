import type { RequestOf, refresh } from '#libs/contracts';
import { bearer, publicUrl, startGateway, type Answer, type TestGateway } from '../../test/gateway';
import { agreeableAuth, refuse, userWith } from '../../test/stub-services';
import { testSessionId } from '../../test/tokens';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ variables: { CORS_ORIGINS: 'https://console.acme.test' } });
});
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const credentials = { email: 'ada@example.com', password: 'correct horse battery' };
const ourPage = { origin: publicUrl, 'sec-fetch-site': 'same-origin' };
const cookieMode = { ...ourPage, 'x-session-mode': 'cookie' };

const post = (url: string, headers: Record<string, string> = {}, body?: object) =>
  gateway.ask({ method: 'POST', url: `/api/v1/auth/${url}`, headers, ...(body === undefined ? {} : { body }) });
const signIn = (headers: Record<string, string> = {}) => post('login', headers, credentials);

function cookieHeader({ cookies }: Answer, ...names: string[]): string {
  return names.map((name) => `${name}=${encodeURIComponent(cookies[name] ?? '')}`).join('; ');
}

function setCookie(answer: Answer, name: string): string | undefined {
  return [answer.headers['set-cookie']]
    .flat()
    .map(String)
    .find((cookie) => cookie.startsWith(`${name}=`));
}

/** A browser that has signed in: its cookies for our pages, and its CSRF token. */
async function signedInBrowser() {
  const answer = await signIn(cookieMode);
  return {
    answer,
    cookie: cookieHeader(answer, '__Host-access', 'csrf'),
    refreshCookie: cookieHeader(answer, '__Secure-refresh', 'csrf'),
    csrf: answer.cookies['csrf'] ?? '',
  };
}

describe('signing in', () => {
  it('gives API clients the tokens in the body, and no cookie', async () => {
    const answer = await signIn();
    expect(answer).toMatchObject({ status: 200, cookies: {} });
    expect(answer.json).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 600,
      refreshToken: 'refresh-1',
      user: userWith(),
    });
  });

  it('gives browsers the tokens as cookies that no script can read, and none of them in the body', async () => {
    const { answer } = await signedInBrowser();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ expiresIn: 600, user: userWith() });
    expect(setCookie(answer, '__Host-access')).toMatch(/; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(setCookie(answer, '__Secure-refresh')).toMatch(
      /; Path=\/api\/v1\/auth\/refresh; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(setCookie(answer, 'csrf')).toMatch(/; Path=\/; Secure; SameSite=Lax$/);
  });

  it('works the same with the token of a verification mail', async () => {
    const answer = await post('verify-email', cookieMode, { token: 'from-the-mail' });
    expect(answer.json).toEqual({ expiresIn: 600, user: userWith() });
    expect(Object.keys(answer.cookies).sort()).toEqual(['__Host-access', '__Host-device', '__Secure-refresh', 'csrf']);
  });

  it.each([
    ['another site', { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { origin: 'https://blog.acme.test', 'sec-fetch-site': 'same-site' }],
    ['a sandboxed frame', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['a page that hides its origin', { 'sec-fetch-site': 'cross-site' }],
    ['our host without TLS', { origin: 'http://app.acme.test' }],
  ])('as a browser from %s is refused before the password is looked at', async (_who, headers) => {
    gateway.auth.login = refuse('internal_error');
    const answer = await signIn({ 'x-session-mode': 'cookie', ...headers });
    expect(answer).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
  });

  it('as a browser works from an allowed origin', async () => {
    const answer = await signIn({ ...cookieMode, origin: 'https://console.acme.test', 'sec-fetch-site': 'same-site' });
    expect(answer.status).toBe(200);
  });

  it('with wrong credentials is 401 and sets nothing', async () => {
    gateway.auth.login = refuse('invalid_credentials');
    expect(await signIn(cookieMode)).toMatchObject({ status: 401, json: { code: 'invalid_credentials' }, cookies: {} });
  });
});

describe('a request with the access cookie', () => {
  const rename = (headers: Record<string, string>) =>
    gateway.ask({ method: 'PATCH', url: '/api/v1/users/me', headers, body: { name: 'Grace' } });

  it('reads without a CSRF token', async () => {
    const { cookie } = await signedInBrowser();
    expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers: { cookie } })).status).toBe(200);
  });

  it('changes something with the CSRF token, from our page', async () => {
    const { cookie, csrf } = await signedInBrowser();
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
    const { cookie, csrf } = await signedInBrowser();
    expect(await rename({ cookie, ...headers(csrf) })).toMatchObject({ status: 403, json: { code: 'csrf_failed' } });
  });

  it('changes nothing with a planted token: one of another session, in header and cookie', async () => {
    const { answer } = await signedInBrowser();
    const other = agreeableAuth(gateway.tokens);
    gateway.auth.login = async (...args) => ({
      ...(await other.login(...args)),
      accessToken: await gateway.tokens.sign({ sid: '01890a5d-ac96-774b-bcce-b302099a8059' }),
    });
    const { csrf } = await signedInBrowser();
    const cookie = `${cookieHeader(answer, '__Host-access')}; csrf=${csrf}`;
    expect((await rename({ cookie, ...ourPage, 'x-csrf-token': csrf })).status).toBe(403);
  });

  it('needs no CSRF token beside a bearer token, which no browser sends by itself', async () => {
    const { cookie } = await signedInBrowser();
    expect((await rename({ cookie, ...bearer(await gateway.tokens.sign()) })).status).toBe(200);
  });

  it.each(['Bearer bad', 'bearer', 'BEARER '])(
    'does not fall back to the cookie when the bearer token is bad: %j',
    async (authorization) => {
      const { cookie } = await signedInBrowser();
      const headers = { cookie, authorization };
      expect((await gateway.ask({ method: 'GET', url: '/api/v1/users/me', headers })).status).toBe(401);
    },
  );

  it.each(['Basic c3RhZ2luZzpzZWNyZXQ=', 'Digest username="staging"', 'Negotiate YII=', 'Bearers x', ''])(
    'works beside credentials of another scheme, which a proxy in front may ask for: %j',
    async (authorization) => {
      const { cookie, csrf } = await signedInBrowser();
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

describe('refreshing', () => {
  const spyOnRefresh = () => {
    const seen: RequestOf<typeof refresh>[] = [];
    const { refresh: answer } = gateway.auth;
    gateway.auth.refresh = (input, context) => (seen.push(input), answer(input, context));
    return seen;
  };

  it('takes the token from the body, and answers in the body', async () => {
    const seen = spyOnRefresh();
    const answer = await post('refresh', {}, { refreshToken: 'from-body' });
    expect(answer).toMatchObject({ status: 200, json: { refreshToken: 'refresh-1' }, cookies: {} });
    expect(seen).toEqual([{ refreshToken: 'from-body' }]);
  });

  it('takes the token from the cookie, and never shows one in the body', async () => {
    const { refreshCookie, csrf } = await signedInBrowser();
    const seen = spyOnRefresh();
    const answer = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(answer.json).toEqual({ expiresIn: 600, user: userWith() });
    expect(answer.cookies['__Secure-refresh']).toBe('refresh-1');
    expect(seen).toEqual([{ refreshToken: 'refresh-1' }]);
  });

  it('by cookie needs the CSRF token as well', async () => {
    const { refreshCookie } = await signedInBrowser();
    const seen = spyOnRefresh();
    expect((await post('refresh', { cookie: refreshCookie, ...ourPage })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  it('clears the cookies when the token is no longer good', async () => {
    const { refreshCookie, csrf } = await signedInBrowser();
    gateway.auth.refresh = refuse('refresh_token_reused');
    const answer = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(answer).toMatchObject({ status: 401, json: { code: 'refresh_token_reused' } });
    expect(answer.cookies).toEqual({ '__Host-access': '', '__Secure-refresh': '', csrf: '' });
  });

  it('keeps the cookies when auth is merely late', async () => {
    const { refreshCookie, csrf } = await signedInBrowser();
    gateway.auth.refresh = refuse('service_unavailable');
    const answer = await post('refresh', { cookie: refreshCookie, ...ourPage, 'x-csrf-token': csrf });
    expect(answer).toMatchObject({ status: 503, cookies: {} });
  });

  it('without any token is 422 for programs and 401 for browsers', async () => {
    expect(await post('refresh')).toMatchObject({ status: 422, json: { errors: [{ path: 'refreshToken' }] } });
    expect(await post('refresh', cookieMode)).toMatchObject({ status: 401, json: { code: 'refresh_token_invalid' } });
  });
});

describe('signing out', () => {
  it('ends the session and clears the cookies, with the body left empty', async () => {
    const { cookie, csrf } = await signedInBrowser();
    const ended: (string | undefined)[] = [];
    gateway.auth.logout = async (_input, { actor }) => (ended.push(actor.sessionId), null);
    const headers = { cookie, ...ourPage, 'x-csrf-token': csrf, 'content-type': 'application/json' };
    const answer = await post('logout', headers);
    expect(answer).toMatchObject({
      status: 204,
      body: '',
      cookies: { '__Host-access': '', '__Secure-refresh': '', csrf: '' },
    });
    expect(ended).toEqual([testSessionId]);
  });

  it('needs a session', async () => {
    expect((await post('logout')).status).toBe(401);
  });
});
