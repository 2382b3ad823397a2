import { accessTokenAudience, getSigningKeys } from '#libs/contracts';
import { createDataSource } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { cleanupOnce, eventually, testDatabase } from '#libs/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { publicUrl, startAuth, startServers } from '../../../test/auth';
import { migrations } from '../../database';
import { ensureSigningKey } from './signing-keys.table';

it('creates one key pair for concurrently starting replicas, and stores its private key encrypted', async () => {
  const servers = await startServers();
  const [first] = await Promise.all(Array.from({ length: 3 }, () => startAuth(servers)));
  const rows = await first?.dataSource.query<{ private_key: string }[]>('SELECT private_key FROM signing_keys');
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain('PRIVATE KEY');
});

it('uses the first key in a replica that waited since before it was created', async () => {
  const { serviceUrl: url } = await testDatabase('auth', migrations);
  const source = await createDataSource({ url, service: 'auth', poolSize: 3, entities: [] }).initialize();
  cleanupOnce(() => source.destroy());
  let waiting: Promise<void> | undefined;
  await source.transaction(async (first) => {
    await first.query("SELECT pg_advisory_xact_lock(hashtext('signing_keys'))");
    waiting = ensureSigningKey(source, new Fernet([`${'A'.repeat(43)}=`]));
    const isBlocked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await eventually(async () => (await source.query<unknown[]>(isBlocked)).length === 1);
    await first.query(
      "INSERT INTO signing_keys (kid, public_key, private_key, signs_from) VALUES ('first', '', '', clock_timestamp())",
    );
  });
  await waiting;
  expect(await source.query('SELECT kid FROM signing_keys')).toEqual([{ kid: 'first' }]);
});

it('signs access tokens that verify with the published keys, for our audience, for ten minutes', async () => {
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
