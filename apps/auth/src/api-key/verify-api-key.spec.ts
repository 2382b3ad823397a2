import { createApiKey, listApiKeys, revokeApiKey, scopes, verifyApiKey, type CreatedApiKey } from '#libs/contracts';
import { hashToken } from '#libs/encryption';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../test/auth';
import type { User } from '../account/user/users.table';
import { verification } from './api-keys.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const as = (user: User) => ({ context: contextOf({ actor: actorOf(user) }) });
const create = (user: User, changes: object = {}): Promise<CreatedApiKey> =>
  auth.rpc.call(createApiKey, { name: 'Deploys', scopes: ['profile:read'], ...changes }, as(user));
const verify = (key: string) => auth.rpc.call(verifyApiKey, { hash: hashToken(key) });
const sql = (text: string, parameters: unknown[] = []) =>
  auth.dataSource.query<Record<string, unknown>[]>(text, parameters);

const set = (id: string, what: 'expires_at' | 'last_used_at', ago: string) =>
  sql(`UPDATE api_keys SET ${what} = now() - $2::interval WHERE id = $1`, [id, ago]);
const lastUsed = async (id: string) => (await sql('SELECT last_used_at AS at FROM api_keys WHERE id = $1', [id]))[0];

describe('verifying an API key', () => {
  it('returns its user and scopes with one query', async () => {
    const user = await auth.aUser();
    const { id, key, expiresAt } = await create(user, { scopes: [...scopes] });
    const queries = await auth.queries.during(async () =>
      expect(await verify(key)).toEqual({ apiKeyId: id, userId: user.id, scopes: [...scopes], expiresAt }),
    );
    expect(queries).toHaveLength(1);
  });

  it('finds the key only through the index of hashes', async () => {
    const explain = `EXPLAIN ${verification.sql.replace('$1', () => "'hash'")}`;
    const explained = await auth.dataSource.transaction(async (manager) => {
      // With few rows, PostgreSQL would scan the table.
      await manager.query('SET LOCAL enable_seqscan = off');
      await manager.query('SET LOCAL enable_bitmapscan = off');
      return manager.query<unknown>(explain);
    });
    const plan = JSON.stringify(explained);
    expect(plan).toMatch(/Index Scan using api_keys_hash_key.*Index Cond: \(hash = 'hash'::text\)/);
    expect(plan).not.toMatch(/Filter: [^"]*hash/);
  });
});

describe('refuses an API key', () => {
  it.each<[string, (key: CreatedApiKey, user: User) => Promise<unknown>]>([
    ['from the second it expires', ({ id }) => set(id, 'expires_at', '1 second')],
    ['once it is revoked', ({ id }, user) => auth.rpc.call(revokeApiKey, { id }, as(user))],
    ['when its account is gone', (_key, { id }) => sql('DELETE FROM users WHERE id = $1', [id])],
    [
      'if its email address is not verified',
      (_key, { id }) => sql('UPDATE users SET email_verified_at = NULL WHERE id = $1', [id]),
    ],
  ])('%s', async (_when, happen) => {
    const user = await auth.aUser();
    const created = await create(user);
    expect(await verify(created.key)).toHaveProperty('apiKeyId', created.id);
    await happen(created, user);
    await expect(verify(created.key)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('that is unknown, in another case, or itself a hash', async () => {
    const { key } = await create(await auth.aUser());
    for (const text of ['unknown', key.toLowerCase(), key.toUpperCase(), hashToken(key)]) {
      await expect(verify(text)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
    await expect(auth.rpc.call(verifyApiKey, { hash: key })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

describe('the last use of an API key', () => {
  it('is written at most once a minute', async () => {
    const { id, key } = await create(await auth.aUser());
    const version = async () => (await sql('SELECT xmin::text, ctid::text FROM api_keys WHERE id = $1', [id]))[0];
    await verify(key);
    const used = await lastUsed(id);
    expect(used?.['at']).toBeInstanceOf(Date);
    const written = await version();
    await Promise.all(Array.from({ length: 10 }, () => verify(key)));
    expect(await version()).toEqual(written);
    await set(id, 'last_used_at', '59 seconds');
    const recent = await lastUsed(id);
    await verify(key);
    expect(await lastUsed(id)).toEqual(recent);
    await set(id, 'last_used_at', '61 seconds');
    await verify(key);
    expect((await lastUsed(id))?.['at']).not.toEqual(recent?.['at']);
  });

  it('is shown to the owner, and does not change for a refused key', async () => {
    const user = await auth.aUser();
    const { id, key } = await create(user);
    await set(id, 'expires_at', '1 second');
    await expect(verify(key)).rejects.toMatchObject({ code: 'unauthenticated' });
    expect((await auth.rpc.call(listApiKeys, {}, as(user))).data).toMatchObject([{ id, lastUsedAt: null }]);
    const other = await create(user);
    await verify(other.key);
    expect((await auth.rpc.call(listApiKeys, {}, as(user))).data).toMatchObject([
      { lastUsedAt: expect.any(String) },
      {},
    ]);
  });
});
