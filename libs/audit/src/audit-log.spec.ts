import { newId } from '#libs/database';
import type { DataSource } from 'typeorm';
import { anEntry, auditedDatabase, entriesOf, inTenant, record, type AuditedDatabase } from '../test/audit';
import { AuditLog } from './audit-log';
import { contentHash, detailsHash, entryHash } from './entry-hash';

let database: AuditedDatabase;
beforeAll(async () => {
  database = await auditedDatabase();
});

const genesis = Buffer.alloc(32);
const refused = { code: '42501' };

it('records who did what to whom, from where, in which request, and what changed', async () => {
  const organizationId = newId();
  const [userId, sessionId, apiKeyId, impersonatorId] = [newId(), newId(), newId(), newId()];
  const session = { kind: 'session' as const, userId, sessionId, authenticatedAt: 0, organizationId, roles: [] };
  const key = { kind: 'api_key' as const, userId, apiKeyId, scopes: [], organizationId, roles: [] };
  const target = { type: 'membership' as const, id: newId() };
  const change = { target, before: { role: 'viewer' }, after: { role: 'admin' } };
  await record(database.service, anEntry(organizationId, change), session);
  await record(database.service, anEntry(organizationId), key);
  await record(database.service, anEntry(organizationId));
  await record(database.service, anEntry(organizationId), Object.assign({}, session, { impersonatorId }));

  const entries = await entriesOf(database.superuser, organizationId);
  const common = { request_id: 'request-1', ip: '192.0.2.7', act: 'member.role_changed', target_type: 'membership' };
  const impersonated = { actor_id: userId, impersonator_id: impersonatorId };
  expect(entries).toMatchObject([
    { ...common, actor_kind: 'session', actor_id: userId, credential_id: sessionId, impersonator_id: null },
    { ...common, actor_kind: 'api_key', actor_id: userId, credential_id: apiKeyId, before: null, after: null },
    { ...common, actor_kind: 'system', actor_id: null, credential_id: null },
    { ...common, actor_kind: 'session', ...impersonated },
  ]);
  expect(entries[0]).toMatchObject({ target_id: target.id, before: change.before, after: change.after });
});

it('chains each entry to the one before with the documented hash', async () => {
  const organizationId = newId();
  for (const role of ['viewer', 'member', 'admin']) {
    await record(database.service, anEntry(organizationId, { after: { role, seats: 1.5, é: [true, null] } }));
  }
  const entries = await entriesOf(database.superuser, organizationId);
  expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  let previousHash: Buffer = genesis;
  for (const { id, sequence, created_at: createdAt, hash, previous_hash, ...entry } of entries) {
    const { act, target_id: targetId, after, salt } = entry;
    if (!(salt instanceof Buffer)) throw new Error('The entry has no salt.');
    const actor = { actorKind: 'system', actorId: null, credentialId: null, impersonatorId: null };
    const what = { act: String(act), targetType: 'membership', targetId: String(targetId), requestId: 'request-1' };
    const details = detailsHash({ before: null, after: JSON.parse(JSON.stringify(after)), ip: '192.0.2.7', salt });
    const content = contentHash({ id, organizationId, ...actor, ...what }, details);
    expect(previous_hash).toEqual(previousHash);
    expect(hash).toEqual(entryHash({ sequence: BigInt(sequence), createdAt, previousHash }, content));
    previousHash = hash;
  }
});

it('writes one chain without forks or gaps, and times that never go back, with fifty concurrent writers', async () => {
  const organizationId = newId();
  await Promise.all(Array.from({ length: 50 }, () => record(database.service, anEntry(organizationId))));
  const entries = await entriesOf(database.superuser, organizationId);
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  const hashes = [genesis, ...entries.map(({ hash }) => hash)].map((hash) => hash.toString('hex'));
  expect(entries.map(({ previous_hash }) => previous_hash.toString('hex'))).toEqual(hashes.slice(0, -1));
  const times = entries.map(({ created_at }) => created_at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

it('writes one platform chain, separate from those of organizations, with fifty concurrent first entries', async () => {
  await Promise.all(Array.from({ length: 50 }, () => record(database.service, anEntry(null))));
  const entries = await entriesOf(database.superuser, null);
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});

it('leaves no entry and no gap when an act rolls back, even while others write', async () => {
  const organizationId = newId();
  const failing = () =>
    inTenant(database.service, organizationId, async (manager) => {
      await new AuditLog().record(manager, anEntry(organizationId));
      throw new Error('changed my mind');
    });
  const attempts = Array.from({ length: 20 }, (_, index) =>
    index % 2 === 0 ? record(database.service, anEntry(organizationId)) : failing(),
  );
  const outcomes = await Promise.allSettled(attempts);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const entries = await entriesOf(database.superuser, organizationId);
  expect(entries.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
});

it('does not make two organizations wait for each other', async () => {
  const [busy, free] = [newId(), newId()];
  await inTenant(database.service, busy, async (manager) => {
    await new AuditLog().record(manager, anEntry(busy));
    await record(database.service, anEntry(free));
  });
  expect(await entriesOf(database.superuser, free)).toHaveLength(1);
});

describe.each([
  ['stops the service’s role', () => database.service],
  ['stops the owner', () => database.owner],
  ['stops a superuser', () => database.superuser],
])('%s', (_who, role: () => DataSource) => {
  const organizationId = newId();
  beforeAll(() => record(database.service, anEntry(organizationId)));

  it.each([
    ['change an entry', "UPDATE audit_entries SET act = 'member.left'"],
    ['set an entry to its own value', 'UPDATE audit_entries SET act = act'],
    ['delete entries', 'DELETE FROM audit_entries'],
    ['empty the log', 'TRUNCATE audit_entries'],
    ['set the head of a chain back', 'UPDATE audit_chains SET sequence = 0'],
    ['change the hash of a head', "UPDATE audit_chains SET hash = '\\x00'"],
    ['delete the head of a chain', 'DELETE FROM audit_chains'],
    ['empty the heads', 'TRUNCATE audit_chains'],
    [
      'change an entry under the cover of an erasure',
      "UPDATE audit_entries SET act = 'x', erased_at = now()",
      'app.audit_erasure',
    ],
    ['delete entries under the cover of an erasure', 'DELETE FROM audit_entries', 'app.audit_erasure'],
  ])('who tries to %s', async (_what, sql, setting = 'app.platform') => {
    const attempt = inTenant(role(), null, async (manager) => {
      await manager.query("SELECT set_config($1, 'on', true)", [setting]);
      await manager.query(sql);
    });
    await expect(attempt).rejects.toMatchObject(refused);
    expect(await entriesOf(database.superuser, organizationId)).toHaveLength(1);
  });
});

it('stops a superuser who disables triggers for the session', async () => {
  const attempt = database.superuser.transaction(async (manager) => {
    await manager.query('SET LOCAL session_replication_role = replica');
    await manager.query('DELETE FROM audit_entries');
  });
  await expect(attempt).rejects.toMatchObject(refused);
});

it('does not let the service’s role write heads or choose the sequence, time or hash of an entry', async () => {
  const organizationId = newId();
  const forge = (sql: string) => inTenant(database.service, organizationId, (manager) => manager.query(sql));
  const head = `INSERT INTO audit_chains VALUES ('${organizationId}', 5, now(), '', '')`;
  await expect(forge(head)).rejects.toMatchObject(refused);
  const entry = `INSERT INTO audit_entries (id, organization_id, sequence, actor_kind, act, target_type, target_id, request_id,
    details_hash, created_at, erased_at, previous_hash, hash)
    SELECT gen_random_uuid(), '${organizationId}', 7, 'system', 'a', 't', 'i', 'r', z, '2001-01-01', now(), z, z
    FROM (SELECT decode(repeat('00', 32), 'hex') AS z)`;
  await forge(entry);
  const [forged] = await entriesOf(database.superuser, organizationId);
  expect(forged).toMatchObject({ sequence: 1, erased_at: null });
  expect(forged?.created_at.getFullYear()).toBeGreaterThan(2001);
  expect(forged?.hash).toEqual(
    entryHash({ sequence: 1n, createdAt: forged?.created_at ?? new Date(), previousHash: genesis }, genesis),
  );
});

it('hides a chain from other tenants, refuses their entries, and shows nothing without a tenant', async () => {
  const [ours, theirs] = [newId(), newId()];
  await record(database.service, anEntry(ours));
  const visible = `SELECT FROM audit_entries WHERE organization_id IS NOT NULL
    UNION ALL SELECT FROM audit_chains WHERE organization_id IS NOT NULL`;
  const seenBy = (tenant: string) => inTenant(database.service, tenant, (manager) => manager.query(visible));
  expect(await seenBy(ours)).toHaveLength(2);
  expect(await seenBy(theirs)).toHaveLength(0);
  expect(await database.service.query(visible)).toHaveLength(0);
  const intrusion = inTenant(database.service, theirs, (manager) => new AuditLog().record(manager, anEntry(ours)));
  await expect(intrusion).rejects.toMatchObject(refused);
  expect(await entriesOf(database.superuser, ours)).toHaveLength(1);
});

it('clears what can be personal in an erasure, marks the entry, and keeps the facts and the chain', async () => {
  const organizationId = newId();
  await record(database.service, anEntry(organizationId, { after: { email: 'ada@example.com' } }));
  const [before] = await entriesOf(database.superuser, organizationId);
  await inTenant(database.owner, null, async (manager) => {
    await manager.query("SELECT set_config('app.audit_erasure', 'on', true)");
    await manager.query(
      `UPDATE audit_entries SET before = NULL, after = NULL, ip = NULL, salt = NULL, erased_at = now() WHERE organization_id = $1`,
      [organizationId],
    );
  });
  const emptied = { before: null, after: null, ip: null, salt: null, erased_at: expect.any(Date) };
  expect(await entriesOf(database.superuser, organizationId)).toEqual([{ ...before, ...emptied }]);
});
