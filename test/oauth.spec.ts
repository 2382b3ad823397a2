import { cleanupOnce, testDatabase } from '#libs/testing';
import { decodeJwt } from 'jose';
import { publicUrl, startAuth, startServers, type TestAuth } from '../apps/auth/test/auth';
import { startIssuer, type TestIssuer } from '../apps/auth/test/issuer';
import { createGateway } from '../apps/gateway/src/application';
import { migrations } from '../apps/gateway/src/database';
import { configFor } from '../apps/gateway/test/gateway';

const redirectUri = `${publicUrl}/api/v1/auth/oauth/acme/callback`;

let issuer: TestIssuer;
let auth: TestAuth;
let server: Awaited<ReturnType<typeof startGateway>>;

async function startGateway(...[redisUrl, databaseUrl]: Parameters<typeof configFor>) {
  const gateway = await createGateway(configFor(redisUrl, databaseUrl));
  cleanupOnce(() => gateway.close());
  await gateway.init();
  const instance = gateway.getHttpAdapter().getInstance();
  await instance.ready();
  return instance;
}

beforeAll(async () => {
  const [started, servers, database] = await Promise.all([
    startIssuer({ id: 'acme', redirectUri }),
    startServers(),
    testDatabase('gateway', migrations),
  ]);
  issuer = started;
  auth = await startAuth(servers, { OIDC_PROVIDERS: JSON.stringify([issuer.settings]) });
  server = await startGateway(servers.redis.url, database.serviceUrl);
});

type Cookies = Readonly<Record<string, string>>;
const cookiesOf = ({ cookies }: { cookies: readonly { name: string; value: string }[] }): Cookies =>
  Object.fromEntries(cookies.map(({ name, value }) => [name, value]));

/** The browser goes to the issuer, where the user signs in, and comes back. */
async function comeBack(url: string, cookies: Cookies) {
  const back = new URL(await issuer.visit(url));
  expect(back.href.startsWith(`${redirectUri}?`)).toBe(true);
  const callback = { url: `${back.pathname}${back.search}`, cookies };
  return { callback, end: await server.inject(callback) };
}

async function signIn(sub: string) {
  const start = await server.inject('/api/v1/auth/oauth/acme?returnTo=/welcome');
  expect(start.statusCode).toBe(302);
  issuer.person = { sub, email: `ada-${sub}@example.com`, email_verified: true, name: 'Ada Lovelace' };
  return comeBack(String(start.headers.location), cookiesOf(start));
}

it('signs a browser in with another provider, through gateway, auth and an OpenID Connect issuer', async () => {
  const { callback, end } = await signIn('7');
  expect(end).toMatchObject({ statusCode: 303, headers: { location: `${publicUrl}/welcome` } });

  const me = await server.inject({ url: '/api/v1/users/me', cookies: cookiesOf(end) });
  expect(me.json()).toMatchObject({ email: 'ada-7@example.com', emailVerified: true, name: 'Ada Lovelace' });

  const again = await server.inject(callback);
  expect(again.headers.location).toBe(`${publicUrl}/problems/oauth_failed`);
  expect(await auth.dataSource.query('SELECT 1 FROM oauth_flows')).toEqual([]);
});

it('re-authenticates a browser with an old sign-in at the provider, which then allows sensitive actions', async () => {
  const browser: Record<string, string> = { ...cookiesOf((await signIn('8')).end) };
  const post = async (path: string, payload: object) => {
    const csrf = Object.entries(browser).find(([name]) => name.endsWith('csrf'))?.[1] ?? '';
    const headers = { origin: publicUrl, 'x-session-mode': 'cookie', 'x-csrf-token': csrf };
    const response = await server.inject({ method: 'POST', url: `/api/v1${path}`, headers, cookies: browser, payload });
    Object.assign(browser, cookiesOf(response));
    return response;
  };
  const accessToken = () => decodeJwt<{ sid: string }>(browser['__Host-access'] ?? '');
  await auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour'");
  expect((await post('/auth/refresh', {})).statusCode).toBe(200);
  const { sid } = accessToken();

  expect((await post('/users/me/mfa/totp', {})).json()).toMatchObject({ code: 'reauthentication_required' });
  const begun = await post('/auth/reauthenticate/oauth', { provider: 'acme', returnTo: '/settings' });
  expect(begun.json()).toEqual({ url: expect.stringMatching(/[?&]prompt=login(&|$)/) });
  const { end } = await comeBack(begun.json<{ url: string }>().url, browser);
  expect(end).toMatchObject({ statusCode: 303, headers: { location: `${publicUrl}/settings` } });

  Object.assign(browser, cookiesOf(end));
  expect(accessToken().sid).toBe(sid);
  expect((await post('/users/me/mfa/totp', {})).json()).toHaveProperty('secret');
});
