import {
  createApiKey,
  listApiKeys,
  ProblemError,
  revokeApiKey,
  rpcContractsOf,
  scopes,
  verifyApiKey,
  type Actor,
  type CreatedApiKey,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { hashToken } from '#libs/encryption';
import { actorOf, contextOf, startAuth, startServers, type TestAuth } from '../../test/auth';
import { RetentionService } from '../retention/retention.service';
import type { User } from '../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const as = (actor: Actor) => ({ context: contextOf({ actor }) });
const wish = { name: 'Deploys', scopes: ['profile:read' as const] };

const create = (user: User, changes: object = {}): Promise<CreatedApiKey> =>
  auth.rpc.call(createApiKey, { ...wish, ...changes }, as(actorOf(user)));
const list = (user: User, page: { limit?: number; cursor?: string } = {}) =>
  auth.rpc.call(listApiKeys, page, as(actorOf(user)));
const revoke = (user: User, id: string) => auth.rpc.call(revokeApiKey, { id }, as(actorOf(user)));
const verify = (key: string) => auth.rpc.call(verifyApiKey, { hash: hashToken(key) });
const sql = (text: string, parameters: unknown[] = []) =>
  auth.dataSource.query<Record<string, unknown>[]>(text, parameters);

const expire = (id: string) => sql("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1", [id]);

describe('an API key', () => {
  it('is shown only once, and the database has only its hash and its hint', async () => {
    const user = await auth.aUser();
    const { key, ...view } = await create(user, { expiresInDays: 7 });
    expect(view).toMatchObject({ ...wish, lastUsedAt: null, hint: `${key.slice(0, 12)}…${key.slice(-10, -6)}` });
    expect(Date.parse(view.expiresAt) - Date.parse(view.createdAt)).toBe(7 * 24 * 3600 * 1_000);
    expect(await list(user)).toEqual({ data: [view], nextCursor: null });
    const [dump] = await sql("SELECT schema_to_xml('public', true, false, '')::text AS everything");
    const everything = String(dump?.['everything']);
    expect(everything).toContain(hashToken(key));
    expect(everything).toContain(view.hint);
    for (const part of [key, key.slice(8), key.slice(8, -6), key.slice(14, 30)]) expect(everything).not.toContain(part);
  });

  it('expires after 90 days by default', async () => {
    const { createdAt, expiresAt } = await create(await auth.aUser());
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(90 * 24 * 3600 * 1_000);
  });

  it.each([
    { userId: newId() },
    { id: newId() },
    { hash: 'x' },
    { key: 'x' },
    { createdAt: '2026-01-01T00:00:00.000Z' },
  ])('is not created with %p, which users cannot choose', async (field) => {
    await expect(create(await auth.aUser(), field)).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it.each([
    { scopes: ['*'] },
    { scopes: [] },
    { scopes: ['profile:read', 'profile:read'] },
    { scopes: ['profile:admin'] },
    { scopes: 'profile:read' },
    { expiresInDays: 0 },
    { expiresInDays: 367 },
    { expiresInDays: 1.5 },
    { expiresInDays: null },
    { name: '' },
    { name: 'key\u202eyek' },
  ])('is not created with %p', async (field) => {
    await expect(create(await auth.aUser(), field)).rejects.toMatchObject({ code: 'validation_failed' });
  });
});

describe('the owner of API keys', () => {
  it('sees only their own keys that are not revoked, newest first, page by page', async () => {
    const [user, other] = [await auth.aUser(), await auth.aUser()];
    const [first, second, third, revoked] = [
      await create(user),
      await create(user),
      await create(user),
      await create(user),
    ];
    await create(other);
    await revoke(user, revoked.id);
    await expire(first.id);
    const page = await list(user, { limit: 2 });
    expect(page.data.map(({ id }) => id)).toEqual([third.id, second.id]);
    const next = await list(user, { limit: 2, cursor: page.nextCursor ?? '' });
    expect(next).toMatchObject({ data: [{ id: first.id }], nextCursor: null });
  });

  it('needs a sign-in of the last ten minutes to create and revoke, but not to list', async () => {
    const user = await auth.aUser();
    const { id } = await create(user);
    const late = as({ ...actorOf(user), authenticatedAt: Math.floor(Date.now() / 1_000) - 601 });
    const refused = { code: 'reauthentication_required' };
    await expect(auth.rpc.call(createApiKey, wish, late)).rejects.toMatchObject(refused);
    await expect(auth.rpc.call(revokeApiKey, { id }, late)).rejects.toMatchObject(refused);
    expect((await auth.rpc.call(listApiKeys, {}, late)).data).toHaveLength(1);
  });

  it('gets emails about creation and revocation, and sees both by name in the security log', async () => {
    const user = await auth.aUser();
    const { id, key } = await create(user, { name: 'Nightly backup' });
    await revoke(user, id);
    const events = await sql('SELECT type, details FROM security_events WHERE user_id = $1 ORDER BY id', [user.id]);
    expect(events).toEqual([
      { type: 'api_key_created', details: { subject: 'Nightly backup' } },
      { type: 'api_key_revoked', details: { subject: 'Nightly backup' } },
    ]);
    const mails = await auth.mailsTo(user.email);
    expect(mails).toMatchObject([
      { template: 'security-notice', event: 'api_key_created', subject: 'Nightly backup' },
      { template: 'security-notice', event: 'api_key_revoked', subject: 'Nightly backup' },
    ]);
    expect(JSON.stringify([events, mails])).not.toMatch(new RegExp(`gw_live|${key.slice(8, 12)}`));
  });

  it('has at most 50 valid keys, even with concurrent requests', async () => {
    const user = await auth.aUser();
    const { id } = await create(user);
    await sql(
      `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, expires_at)
       SELECT gen_random_uuid(), $1, 'Old', '', gen_random_uuid()::text, '{profile:read}', now() + interval '1 day'
       FROM generate_series(1, 48)`,
      [user.id],
    );
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => create(user)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) if (answer.status === 'rejected') expect(codeOf(answer.reason)).toBe('limit_reached');
    await revoke(user, id);
    const { id: expired } = await create(user);
    await expect(create(user)).rejects.toMatchObject({ code: 'limit_reached' });
    await expire(expired);
    expect(await create(user)).toHaveProperty('key');
  });
});

describe('revoking an API key', () => {
  it('returns not_found for another user’s key, which keeps working', async () => {
    const [owner, stranger] = [await auth.aUser(), await auth.aUser()];
    const { id, key } = await create(owner);
    const refusals = await Promise.allSettled([revoke(stranger, id), revoke(stranger, newId())]);
    const [theirs, unknown] = refusals.map((answer) => answer.status === 'rejected' && { ...problemOf(answer.reason) });
    expect(theirs).toMatchObject({ code: 'not_found' });
    expect(theirs).toEqual(unknown);
    expect(await verify(key)).toHaveProperty('apiKeyId', id);
  });

  it('succeeds and notifies once, even with concurrent requests', async () => {
    const user = await auth.aUser();
    const { id } = await create(user);
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => revoke(user, id)));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const events = await sql("SELECT 1 FROM security_events WHERE user_id = $1 AND type = 'api_key_revoked'", [
      user.id,
    ]);
    expect(events).toHaveLength(1);
  });
});

it('deletes keys that ended a month ago, and no others', async () => {
  const user = await auth.aUser();
  const [live, expired, longExpired, longRevoked] = [
    await create(user),
    await create(user),
    await create(user),
    await create(user),
  ];
  const end = (column: 'expires_at' | 'revoked_at', { id }: CreatedApiKey, days: number) =>
    sql(`UPDATE api_keys SET ${column} = now() - make_interval(days => $2) WHERE id = $1`, [id, days]);
  await end('expires_at', expired, 29);
  await end('expires_at', longExpired, 31);
  await end('revoked_at', longRevoked, 31);
  await new RetentionService(auth.dataSource).deleteExpired();
  const left = await sql('SELECT id FROM api_keys WHERE user_id = $1 ORDER BY id', [user.id]);
  expect(left).toEqual([{ id: live.id }, { id: expired.id }]);
});

it('refuses a key with every scope for all contracts without a scope, whatever the gateway let through', async () => {
  const user = await auth.aUser();
  const bystander = { userId: user.id, organizationId: null, roles: [] };
  const context = contextOf({ actor: { kind: 'api_key', apiKeyId: newId(), scopes: [...scopes], ...bystander } });
  const closed = rpcContractsOf('auth').filter(({ access, scope }) => access !== 'public' && scope === null);
  expect(closed.length).toBeGreaterThan(10);
  expect(closed).toEqual(expect.arrayContaining([createApiKey, listApiKeys, revokeApiKey]));
  for (const contract of closed) {
    await expect(auth.rpc.call(contract, {}, { context })).rejects.toMatchObject({ code: 'insufficient_scope' });
  }
});

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  throw error;
}

function codeOf(error: unknown): string {
  return problemOf(error).code;
}
