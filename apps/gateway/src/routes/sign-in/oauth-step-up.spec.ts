import { publicUrl, startGateway, type TestGateway } from '../../../test/gateway';

let gateway: TestGateway;
beforeAll(async () => (gateway = await startGateway()));

const ourCookie = '__Host-oauth=browser-secret';
const comeBack = (cookie = ourCookie) =>
  gateway.ask({
    method: 'GET',
    url: '/api/v1/auth/oauth/acme/callback?state=the-state&code=the-code',
    headers: { cookie },
  });

const sessionId = '0199d3c1-7b1e-7c4f-9c53-0f6d1a2b3c4d';
const token = async () => ({
  accessToken: await gateway.tokens.sign({ sid: sessionId }),
  tokenType: 'Bearer' as const,
  expiresIn: 600,
});
const finishWith = (renewed: Awaited<ReturnType<typeof token>> | null) => {
  gateway.auth.finishOauth = async () => ({ outcome: 'reauthenticated', returnTo: '/settings', token: renewed });
};

it('gives the browser a recent access token of its session and redirects to the path of the start', async () => {
  const recent = await token();
  finishWith(recent);
  const response = await comeBack();
  expect(response).toMatchObject({ status: 303, headers: { location: `${publicUrl}/settings` }, body: '' });
  expect(response.cookies).toEqual({ '__Host-access': recent.accessToken, '__Host-oauth': '' });
  expect(String(response.headers['set-cookie'])).toMatch(
    /__Host-access=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax/,
  );
  const own = `__Host-access=${await gateway.tokens.sign({ sid: sessionId })}; ${ourCookie}`;
  expect((await comeBack(own)).cookies).toMatchObject({
    '__Host-access': expect.stringMatching(/./),
  });
});

it('gives no token to a browser that has signed in to another session', async () => {
  finishWith(await token());
  const cookie = `__Host-access=${await gateway.tokens.sign()}; ${ourCookie}`;
  const response = await comeBack(cookie);
  expect(response).toMatchObject({ status: 303, headers: { location: `${publicUrl}/problems/oauth_failed` } });
  expect(response.cookies).toEqual({ '__Host-oauth': '' });
});

it('sets no cookie for a client that keeps its tokens itself', async () => {
  finishWith(null);
  const response = await comeBack();
  expect(response).toMatchObject({ status: 303, headers: { location: `${publicUrl}/settings` } });
  expect(response.cookies).toEqual({ '__Host-oauth': '' });
});
