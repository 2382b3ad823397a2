import type { logout, RequestOf } from '#libs/contracts';
import { anotherSessionId, cookieMode, credentials, ourPage, signedInBrowser } from '../../../test/browser';
import { startGateway, type TestGateway } from '../../../test/gateway';
import { agreeableAuth, refuse } from '../../../test/stub-services';
import { testSessionId } from '../../../test/tokens';

let gateway: TestGateway;
let ended: RequestOf<typeof logout>[];
beforeAll(async () => {
  gateway = await startGateway();
});
beforeEach(() => {
  ended = [];
  Object.assign(gateway.auth, agreeableAuth(gateway.tokens));
  gateway.auth.logout = async (input) => (ended.push(input), null);
});

/** Signs in to `testSessionId`, like every sign-in of the stub. */
const signIn = (headers: Record<string, string>, url = 'login', body: object = credentials) =>
  gateway.ask({ method: 'POST', url: `/api/v1/auth/${url}`, headers, body });

const browserWithEarlierSession = (claims: Readonly<Record<string, unknown>> = {}) =>
  signedInBrowser(gateway, { sid: anotherSessionId, ...claims });
const anHourAgo = () => Math.floor(Date.now() / 1_000) - 3_600;

describe('signing in with cookies', () => {
  it('with a provider ends the earlier session of the browser', async () => {
    const { cookie } = await browserWithEarlierSession();
    const url = '/api/v1/auth/oauth/acme/callback?state=the-state&code=the-code';
    const response = await gateway.ask({ method: 'GET', url, headers: { cookie: `${cookie}; __Host-oauth=a-secret` } });
    expect(response).toMatchObject({ status: 303, cookies: { '__Host-access': expect.any(String) } });
    expect(ended).toEqual([{ sessionId: anotherSessionId }]);
  });

  it.each([
    ['a password', 'login', credentials],
    ['a second factor', 'mfa', { mfaToken: 'of-the-first-step', code: '123456' }],
    ['a verification link', 'verify-email', { token: 'from-the-mail' }],
  ])('with %s ends the earlier session of the browser', async (_how, url, body) => {
    const { cookie } = await browserWithEarlierSession();
    const response = await signIn({ ...cookieMode, cookie }, url, body);
    expect(response).toMatchObject({ status: 200, cookies: { '__Host-access': expect.any(String) } });
    expect(ended).toEqual([{ sessionId: anotherSessionId }]);
  });

  it('ends the earlier session even if its access token has expired or only its CSRF cookie is left', async () => {
    const { cookie } = await browserWithEarlierSession({ exp: anHourAgo() });
    const { csrfCookie } = await browserWithEarlierSession();
    for (const header of [cookie, csrfCookie]) await signIn({ ...cookieMode, cookie: header });
    expect(ended).toEqual([{ sessionId: anotherSessionId }, { sessionId: anotherSessionId }]);
  });

  it('ends nothing if the browser had no session, or cookies that we did not sign', async () => {
    await signIn(cookieMode);
    await signIn({ ...cookieMode, cookie: `__Host-access=a.b.c; __Host-csrf=${anotherSessionId}.x.y` });
    expect(ended).toEqual([]);
  });

  it('never ends the session that it just started', async () => {
    const { cookie } = await signedInBrowser(gateway, { sid: testSessionId });
    await signIn({ ...cookieMode, cookie });
    expect(ended).toEqual([]);
  });

  it('ends nothing if the password is wrong or a second factor is still missing', async () => {
    const { cookie } = await browserWithEarlierSession();
    gateway.auth.login = refuse('invalid_credentials');
    expect((await signIn({ ...cookieMode, cookie })).status).toBe(401);
    gateway.auth.login = async () => ({ type: 'mfa_required', mfaRequired: true, mfaToken: 'x', methods: ['totp'] });
    expect((await signIn({ ...cookieMode, cookie })).status).toBe(200);
    expect(ended).toEqual([]);
  });

  it('succeeds even if the earlier session cannot be ended', async () => {
    const { cookie } = await browserWithEarlierSession();
    gateway.auth.logout = refuse('service_unavailable');
    expect(await signIn({ ...cookieMode, cookie })).toMatchObject({
      status: 200,
      cookies: { '__Host-access': expect.any(String) },
    });
  });
});

it('leaves the session of the cookies alone when a program signs in with tokens in the body', async () => {
  const { cookie } = await browserWithEarlierSession();
  expect((await signIn({ ...ourPage, cookie })).status).toBe(200);
  expect(ended).toEqual([]);
});
