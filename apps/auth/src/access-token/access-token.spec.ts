import { accessTokenAudience, getSigningKeys } from '#libs/contracts';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { publicUrl, startAuth, startServers } from '../../test/auth';

it('replicas that start at once make one key pair, whose private half is nowhere in the clear', async () => {
  const servers = await startServers();
  const [first] = await Promise.all(Array.from({ length: 3 }, () => startAuth(servers)));
  const rows = await first?.dataSource.query<{ private_key: string }[]>('SELECT private_key FROM signing_keys');
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain('PRIVATE KEY');
});

it('a session’s access token verifies with the published keys, for our audience, for ten minutes', async () => {
  const auth = await startAuth();
  const user = await auth.aUser();
  const { accessToken } = await auth.signIn(user);
  const keys = createLocalJWKSet(await auth.rpc.call(getSigningKeys, {}));
  const { payload, protectedHeader } = await jwtVerify(accessToken, keys, {
    issuer: publicUrl,
    audience: accessTokenAudience,
    algorithms: ['EdDSA'],
    typ: 'at+jwt',
  });
  expect(payload).toMatchObject({ sub: user.id, roles: [] });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  expect(JSON.stringify([payload, protectedHeader])).not.toContain(user.email);
});
