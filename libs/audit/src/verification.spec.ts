import { newId } from '#libs/database';
import type { DataSource } from 'typeorm';
import { anEntry, auditedDatabase, entriesOf, inTenant, record, type AuditedDatabase } from '../test/audit';
import { verifyAuditLog, type AuditScope } from './verification';

let database: AuditedDatabase;
beforeAll(async () => {
  database = await auditedDatabase();
});

const verify = (scope: AuditScope) => verifyAuditLog(database.service, scope);

async function aChain(length: number): Promise<{ organizationId: string; ids: string[] }> {
  const organizationId = newId();
  for (let place = 1; place <= length; place++) {
    const change = {
      before: { place, name: 'Ünï"\\\u2028' },
      after: { list: [1, 0.1, 1e21, null], deep: { b: 1, a: 2 } },
    };
    await record(database.service, anEntry(organizationId, change));
  }
  const entries = await entriesOf(database.superuser, organizationId);
  return { organizationId, ids: entries.map(({ id }) => id) };
}

/** The owner of the tables can do this, which is why verification exists. */
async function tamper(sql: string, parameters: readonly unknown[], source: DataSource = database.superuser) {
  await source.transaction(async (manager) => {
    await manager.query('ALTER TABLE audit_entries DISABLE TRIGGER USER');
    await manager.query('ALTER TABLE audit_chains DISABLE TRIGGER USER');
    await manager.query(sql, [...parameters]);
    await manager.query('ALTER TABLE audit_entries ENABLE TRIGGER audit_append');
    for (const guard of ['update', 'delete', 'truncate']) {
      await manager.query('ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER ' + `audit_guard_${guard}`);
      await manager.query('ALTER TABLE audit_chains ENABLE ALWAYS TRIGGER ' + `audit_guard_${guard}`);
    }
  });
}

const entry = 'organization_id = $1 AND sequence = $2';

describe('accepts a chain as it was written', () => {
  it('without erasures', async () => {
    const { organizationId } = await aChain(5);
    expect(await verify({ organizationId })).toEqual({ counts: { entries: 5, chains: 1, erased: 0 }, broken: [] });
  });

  it('with lawfully erased details, and counts them', async () => {
    const { organizationId } = await aChain(3);
    await inTenant(database.owner, null, async (manager) => {
      await manager.query("SELECT set_config('app.audit_erasure', 'on', true)");
      const emptied = 'before = NULL, after = NULL, ip = NULL, salt = NULL, erased_at = now()';
      const sql = `UPDATE audit_entries SET ${emptied} WHERE ${entry}`;
      await manager.query(sql, [organizationId, 2]);
    });
    expect(await verify({ organizationId })).toMatchObject({ counts: { entries: 3, erased: 1 }, broken: [] });
  });

  it('while others write', async () => {
    const { organizationId } = await aChain(1);
    const writers = Array.from({ length: 30 }, () => record(database.service, anEntry(organizationId)));
    const checks = await Promise.all(Array.from({ length: 5 }, () => verify({ organizationId })));
    await Promise.all(writers);
    expect(checks.flatMap(({ broken }) => broken)).toEqual([]);
  });
});

const changes = [
  ['act', "act = 'member.left'", 'was changed'],
  ['actor', "actor_kind = 'session', actor_id = gen_random_uuid()", 'was changed'],
  ['impersonator', 'impersonator_id = gen_random_uuid()', 'was changed'],
  ['target', "target_id = 'somebody else'", 'was changed'],
  ['time', "created_at = created_at + interval '1 second'", 'was changed'],
  ['request', "request_id = 'another'", 'was changed'],
  ['hash', 'hash = sha256(hash)', 'was changed'],
  ['id', 'id = gen_random_uuid()', 'was changed'],
  ['details', `after = '{"role": "owner"}'`, 'has other details than were written (before, after, ip)'],
  ['details, with another type of JSON', `after = '[1]'`, 'has other details than were written (before, after, ip)'],
  ['IP address', "ip = '198.51.100.1'", 'has other details than were written (before, after, ip)'],
  ['salt', 'salt = NULL', 'has other details than were written (before, after, ip)'],
  ['erasure mark', 'erased_at = now()', 'is marked as erased and has details all the same'],
] as const;

it.each(changes)('finds an entry with a changed %s', async (_what, assignment, reason) => {
  const { organizationId, ids } = await aChain(4);
  await tamper(`UPDATE audit_entries SET ${assignment} WHERE ${entry}`, [organizationId, 2]);
  const { broken } = await verify({ organizationId });
  expect(broken).toMatchObject([{ organizationId, sequence: 2n, reason }]);
  if (_what !== 'id') expect(broken).toMatchObject([{ id: ids[1] }]);
});

it('finds a changed entry whose hash was recomputed, through the entry after it', async () => {
  const { organizationId, ids } = await aChain(4);
  // A valid hash, but with the digest of other content.
  await tamper(
    `UPDATE audit_entries SET hash = audit_hash(previous_hash, sequence, created_at, details_hash) WHERE ${entry}`,
    [organizationId, 2],
  );
  await tamper(
    'UPDATE audit_entries SET previous_hash = (SELECT hash FROM audit_entries WHERE id = $2) WHERE id = $1',
    [ids[2], ids[1]],
  );
  expect((await verify({ organizationId })).broken).toMatchObject([{ sequence: 2n, id: ids[1] }]);
});

it('finds a removed entry, at the start and in the middle', async () => {
  for (const sequence of [1, 3]) {
    const { organizationId } = await aChain(4);
    await tamper(`DELETE FROM audit_entries WHERE ${entry}`, [organizationId, sequence]);
    const { broken } = await verify({ organizationId });
    expect(broken).toEqual([{ organizationId, sequence: BigInt(sequence), id: null, reason: 'is missing' }]);
  }
});

it('finds a chain that lost its last entries, or all of them', async () => {
  for (const kept of [2, 0]) {
    const { organizationId } = await aChain(4);
    await tamper('DELETE FROM audit_entries WHERE organization_id = $1 AND sequence > $2', [organizationId, kept]);
    const reason = 'is missing, as are all after it';
    expect((await verify({ organizationId })).broken).toMatchObject([{ sequence: BigInt(kept + 1), id: null, reason }]);
    expect((await verify('organizations')).broken).toContainEqual({
      ...{ organizationId, sequence: BigInt(kept + 1), id: null, reason },
    });
  }
});

it('finds the first of two swapped entries', async () => {
  const { organizationId, ids } = await aChain(4);
  await tamper('UPDATE audit_entries SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE id IN ($1, $2)', [
    ids[1],
    ids[2],
  ]);
  await tamper('UPDATE audit_entries SET sequence = -sequence WHERE id IN ($1, $2)', [ids[1], ids[2]]);
  const reason = 'does not follow on the entry before it';
  expect((await verify({ organizationId })).broken).toMatchObject([{ sequence: 2n, id: ids[2], reason }]);
});

it('finds an entry that was moved to another organization’s chain', async () => {
  const [from, to] = [await aChain(2), await aChain(1)];
  await tamper('UPDATE audit_entries SET organization_id = $1 WHERE organization_id = $2 AND sequence = 2', [
    to.organizationId,
    from.organizationId,
  ]);
  const { broken } = await verify({ organizationId: to.organizationId });
  expect(broken).toMatchObject([{ sequence: 2n, id: from.ids[1] }]);
});

it('finds an entry that was added past the trigger, and a changed or removed head', async () => {
  const added = await aChain(2);
  await tamper(
    `INSERT INTO audit_entries (id, organization_id, sequence, actor_kind, act, target_type, target_id, request_id, details_hash,
       created_at, previous_hash, hash)
     SELECT gen_random_uuid(), organization_id, 3, 'system', act, target_type, target_id, request_id, details_hash,
       created_at, hash, details_hash FROM audit_entries WHERE ${entry}`,
    [added.organizationId, 2],
  );
  expect((await verify(added)).broken).toMatchObject([{ sequence: 3n }]);
  const anew = await aChain(2);
  await tamper('UPDATE audit_chains SET hash = previous_hash WHERE organization_id = $1', [anew.organizationId]);
  const reason = 'is not what the head of its chain says';
  expect((await verify(anew)).broken).toMatchObject([{ sequence: 2n, id: anew.ids[1], reason }]);
  const headless = await aChain(2);
  await tamper('DELETE FROM audit_chains WHERE organization_id = $1', [headless.organizationId]);
  expect((await verify(headless)).broken).toMatchObject([{ sequence: 2n, reason: 'the head of its chain is missing' }]);
});

it('checks every chain, page by page, and does not let a broken one hide the next', async () => {
  const chains = [await aChain(2), await aChain(2), await aChain(2)];
  const organizationId = newId();
  await inTenant(database.superuser, organizationId, (manager) =>
    manager.query(
      `INSERT INTO audit_entries (id, organization_id, actor_kind, act, target_type, target_id, request_id, details_hash, hash)
       SELECT gen_random_uuid(), $1, 'system', 'a', 't', 'i', 'r', sha256('d'), sha256('c') FROM generate_series(1, 2500)`,
      [organizationId],
    ),
  );
  const both = chains.slice(1).map((chain) => chain.organizationId);
  await tamper("UPDATE audit_entries SET act = 'x' WHERE organization_id = ANY($1) AND sequence = 2", [both]);
  const { counts, broken } = await verify('organizations');
  expect(counts.entries).toBeGreaterThan(2_500);
  for (const id of both) expect(broken).toContainEqual(expect.objectContaining({ organizationId: id, sequence: 2n }));
  expect(broken).toContainEqual(expect.objectContaining({ organizationId, sequence: 1n }));
  expect(broken).not.toContainEqual(expect.objectContaining({ organizationId: chains[0]?.organizationId }));
});

it('verifies the platform’s chain', async () => {
  for (let place = 0; place < 3; place++) await record(database.service, anEntry(null));
  expect(await verify('platform')).toMatchObject({ counts: { entries: 3, chains: 1 }, broken: [] });
  await tamper('DELETE FROM audit_entries WHERE organization_id IS NULL AND sequence > $1', [2]);
  expect((await verify('platform')).broken).toMatchObject([{ organizationId: null, sequence: 3n }]);
  await tamper('DELETE FROM audit_entries WHERE organization_id IS NULL AND sequence > $1', [0]);
  expect((await verify('platform')).broken).toMatchObject([{ organizationId: null, sequence: 1n }]);
});
