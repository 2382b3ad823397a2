import type { beginOauth, finishOauth, RequestOf, ResponseOf } from '#libs/contracts';
import { bearer, publicUrl, startGateway, type TestResponse, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse } from '../../../test/stub-services';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));
afterEach(() => Object.assign(gateway.auth, agreeableAuth(gateway.tokens)));

const get = (url: string, headers: Record<string, string> = {}) =>
  gateway.ask({ method: 'GET', url: `/api/v1/auth/oauth/${url}`, headers });
const ourBrowser = { cookie: '__Host-oauth=browser-secret' };
const come = (query = 'state=the-state&code=the-code', headers: Record<string, string> = ourBrowser) =>
  get(`acme/callback?${query}`, headers);

function setCookie({ headers }: TestResponse, name: string): string | undefined {
  return [headers['set-cookie']]
    .flat()
    .map(String)
    .find((cookie) => cookie.startsWith(`${name}=`));
}

describe('the start of a provider sign-in', () => {
  it('redirects to the issuer and sets a cookie that no script and no other site can use', async () => {
    const response = await get('acme?returnTo=%2Fsettings');
    expect(response).toMatchObject({
      status: 302,
      headers: { location: 'https://issuer.test/authorize?state=s' },
      body: '',
    });
    expect(response.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    expect(setCookie(response, '__Host-oauth')).toBe(
      '__Host-oauth=browser-secret; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    );
  });

  it('accepts only a path of this site to return to, / by default', async () => {
    const asked: RequestOf<typeof beginOauth>[] = [];
    const { beginOauth: begin } = gateway.auth;
    gateway.auth.beginOauth = (input, context) => (asked.push(input), begin(input, context));
    await get('acme');
    await get('acme?returnTo=/a%3Fb');
    expect(asked).toEqual([
      { provider: 'acme', returnTo: '/' },
      { provider: 'acme', returnTo: '/a?b' },
    ]);
    for (const evil of [
      '//evil.test',
      'https://evil.test',
      '/%5Cevil.test',
      '/%09/evil.test',
      '/a&returnTo=//evil.test',
    ]) {
      expect(await get(`acme?returnTo=${evil}`)).toMatchObject({
        status: 422,
        json: { errors: [{ path: 'returnTo' }] },
      });
    }
    expect(asked).toHaveLength(2);
  });

  it('returns 404 for an unknown provider, and redirects to the error page for one that is down', async () => {
    gateway.auth.beginOauth = refuse('not_found');
    expect(await get('nobody')).toMatchObject({ status: 404, json: { code: 'not_found' }, cookies: {} });
    gateway.auth.beginOauth = refuse('oauth_failed');
    expect(await get('acme')).toMatchObject({
      status: 302,
      headers: { location: `${publicUrl}/problems/oauth_failed` },
      cookies: {},
    });
  });

  it('is refused from another site, because a user who is signed in at the issuer would not notice it', async () => {
    let begun = 0;
    const { beginOauth: begin } = gateway.auth;
    gateway.auth.beginOauth = (input, context) => ((begun += 1), begin(input, context));
    expect(await get('acme', { 'sec-fetch-site': 'cross-site' })).toMatchObject({
      status: 302,
      headers: { location: `${publicUrl}/problems/csrf_failed` },
      cookies: {},
    });
    expect(begun).toBe(0);
    for (const site of ['same-origin', 'same-site', 'none']) await get('acme', { 'sec-fetch-site': site });
    expect(begun).toBe(3);
  });

  it('lists the providers for everyone', async () => {
    expect(await get('providers')).toMatchObject({ status: 200, json: { data: [{ id: 'acme', name: 'Acme' }] } });
  });
});

describe('the callback', () => {
  const answerWith = (change: (agreed: ResponseOf<typeof finishOauth>) => ResponseOf<typeof finishOauth>) => {
    const { finishOauth: finish } = gateway.auth;
    gateway.auth.finishOauth = async (input, context) => change(await finish(input, context));
  };

  it('signs in with the same cookies as a login, clears its own cookie, and redirects to the path of the start', async () => {
    answerWith((agreed) => (agreed.outcome === 'signed_in' ? { ...agreed, returnTo: '/settings?tab=ü' } : agreed));
    const response = await come();
    expect(response).toMatchObject({
      status: 303,
      headers: { location: `${publicUrl}/settings?tab=%C3%BC`, 'referrer-policy': 'no-referrer' },
      body: '',
    });
    const login = await gateway.ask({
      method: 'POST',
      url: '/api/v1/auth/login',
      headers: { origin: publicUrl, 'x-session-mode': 'cookie' },
      body: { email: 'ada@example.com', password: 'a very good password' },
    });
    const ours = Object.keys(login.cookies).sort();
    expect(ours).toContain('__Secure-refresh');
    expect(Object.keys(response.cookies).sort()).toEqual([...ours, '__Host-oauth'].sort());
    const attributes = (cookie = '') => cookie.replace(/^[^;]*/, '');
    for (const name of ours) expect(attributes(setCookie(response, name))).toBe(attributes(setCookie(login, name)));
    expect(setCookie(response, '__Host-oauth')).toMatch(/^__Host-oauth=; Max-Age=0; Path=\/;/);
    expect(response.headers['location']).not.toMatch(/the-state|the-code/);
  });

  it('passes on the issuer’s parameters, but not additional ones', async () => {
    const seen: RequestOf<typeof finishOauth>[] = [];
    const { finishOauth: finish } = gateway.auth;
    gateway.auth.finishOauth = (input, context) => (seen.push(input), finish(input, context));
    await come('state=s&code=c&iss=https%3A%2F%2Fissuer.test&session_state=x&scope=openid');
    await come('state=s&error=access_denied&error_description=no');
    const proof = { provider: 'acme', browserSecret: 'browser-secret', state: 's' };
    expect(seen).toEqual([
      { ...proof, code: 'c', iss: 'https://issuer.test' },
      { ...proof, error: 'access_denied' },
    ]);
  });

  it('redirects to the page for two-factor authentication with the token in the fragment and without a session', async () => {
    gateway.auth.finishOauth = async () => ({ outcome: 'mfa_required', mfaToken: 'a.b' });
    const response = await come();
    expect(response).toMatchObject({ status: 303, headers: { location: `${publicUrl}/mfa#token=a.b` } });
    expect(response.cookies).toEqual({ '__Host-oauth': '' });
  });

  it('does not sign in after linking an identity', async () => {
    gateway.auth.finishOauth = async () => ({ outcome: 'linked', returnTo: '/settings' });
    const response = await come();
    expect(response).toMatchObject({ status: 303, headers: { location: `${publicUrl}/settings` } });
    expect(response.cookies).toEqual({ '__Host-oauth': '' });
  });

  it.each([
    'oauth_failed',
    'oauth_email_unusable',
    'oauth_email_not_verified',
    'oauth_sign_in_not_recent',
    'oauth_link_required',
    'identity_not_linked',
    'identity_taken',
    'limit_reached',
  ] as const)('redirects to a page about the error %s, without a cookie', async (code) => {
    gateway.auth.finishOauth = refuse(code);
    const response = await come();
    expect(response).toMatchObject({
      status: 303,
      headers: { location: `${publicUrl}/problems/${code}` },
      cookies: {},
    });
    expect((await gateway.ask({ method: 'GET', url: `/problems/${code}` })).status).toBe(200);
  });

  it.each<[string, string, Record<string, string>]>([
    ['in a browser that began nothing', 'state=s&code=c', {}],
    ['with an empty cookie', 'state=s&code=c', { cookie: '__Host-oauth=' }],
    ['without a state', 'code=c', ourBrowser],
    ['with two states', 'state=s&state=t&code=c', ourBrowser],
    ['with a state of any length', `state=${'s'.repeat(300)}&code=c`, ourBrowser],
  ])('is refused without a call to auth %s', async (_how, query, headers) => {
    gateway.auth.finishOauth = refuse('internal_error');
    expect(await come(query, headers)).toMatchObject({
      status: 303,
      headers: { location: `${publicUrl}/problems/oauth_failed` },
    });
  });

  it('returns 503 while auth is down, and keeps the cookie for a retry', async () => {
    gateway.auth.finishOauth = refuse('service_unavailable');
    expect(await come()).toMatchObject({ status: 503, json: { code: 'service_unavailable' }, cookies: {} });
  });

  it('counts as a sign-in attempt', async () => {
    expect((await come()).headers['ratelimit-policy']).toMatch(/^"login";/);
    expect((await get('acme')).headers['ratelimit-policy']).toMatch(/^"login";/);
  });
});

describe('linking', () => {
  const identities = '/api/v1/users/me/identities';

  it('returns the issuer’s URL and the cookie to a signed-in user', async () => {
    const headers = bearer(await gateway.tokens.sign());
    const body = { provider: 'acme', returnTo: '/settings' };
    const response = await gateway.ask({ method: 'POST', url: identities, headers, body });
    expect(response).toMatchObject({ status: 200, cookies: { '__Host-oauth': 'browser-secret' } });
    expect(response.json).toEqual({ url: 'https://issuer.test/authorize?state=s' });
  });

  it('is refused for a request that another site made a browser send', async () => {
    const headers = { cookie: `__Host-access=${await gateway.tokens.sign()}`, origin: 'https://evil.test' };
    const response = await gateway.ask({ method: 'POST', url: identities, headers, body: { provider: 'acme' } });
    expect(response).toMatchObject({ status: 403, json: { code: 'csrf_failed' }, cookies: {} });
  });

  it('lists and unlinks', async () => {
    const headers = bearer(await gateway.tokens.sign());
    expect(await gateway.ask({ method: 'GET', url: identities, headers })).toMatchObject({ json: { data: [] } });
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    expect((await gateway.ask({ method: 'DELETE', url: `${identities}/${id}`, headers })).status).toBe(204);
    expect((await gateway.ask({ method: 'DELETE', url: `${identities}/1`, headers })).status).toBe(422);
    for (const method of ['GET', 'POST'] as const) {
      expect((await gateway.ask({ method, url: identities, body: {} })).status).toBe(401);
    }
  });
});
