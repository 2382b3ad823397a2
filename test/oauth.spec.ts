import { cleanupOnce, testDatabase } from '#libs/testing';
import { publicUrl, startAuth, startServers } from '../apps/auth/test/auth';
import { startIssuer } from '../apps/auth/test/issuer';
import { createGateway } from '../apps/gateway/src/application';
import { migrations } from '../apps/gateway/src/database';
import { configFor } from '../apps/gateway/test/gateway';

it('a browser signs in at another provider: gateway, auth and an OpenID Connect issuer together', async () => {
  const redirectUri = `${publicUrl}/api/v1/auth/oauth/acme/callback`;
  const [issuer, servers, database] = await Promise.all([
    startIssuer({ id: 'acme', redirectUri }),
    startServers(),
    testDatabase('gateway', migrations),
  ]);
  const auth = await startAuth(servers, { OIDC_PROVIDERS: JSON.stringify([issuer.settings]) });
  const gateway = await createGateway(configFor(servers.redis.url, database.serviceUrl));
  cleanupOnce(() => gateway.close());
  await gateway.init();
  const server = gateway.getHttpAdapter().getInstance();
  await server.ready();

  const start = await server.inject('/api/v1/auth/oauth/acme?returnTo=/welcome');
  expect(start.statusCode).toBe(302);
  issuer.person = { sub: '7', email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' };
  const back = new URL(await issuer.visit(String(start.headers.location)));
  expect(back.href.startsWith(`${redirectUri}?`)).toBe(true);

  const cookies = Object.fromEntries(start.cookies.map(({ name, value }) => [name, value]));
  const end = await server.inject({ url: `${back.pathname}${back.search}`, cookies });
  expect(end).toMatchObject({ statusCode: 303, headers: { location: `${publicUrl}/welcome` } });

  const session = Object.fromEntries(end.cookies.map(({ name, value }) => [name, value]));
  const me = await server.inject({ url: '/api/v1/users/me', cookies: session });
  expect(me.json()).toMatchObject({ email: 'ada@example.com', emailVerified: true, name: 'Ada Lovelace' });

  const again = await server.inject({ url: `${back.pathname}${back.search}`, cookies });
  expect(again.headers.location).toBe(`${publicUrl}/problems/oauth_failed`);
  expect(await auth.dataSource.query('SELECT 1 FROM oauth_flows')).toEqual([]);
});
