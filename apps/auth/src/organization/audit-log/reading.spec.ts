import { type AuditInput, AuditLog, auditPage } from '#libs/audit';
import {
  exportAuditEntries,
  listAuditEntries,
  removeMember,
  type AuditEntry,
  type RequestInput,
  type ResponseOf,
} from '#libs/contracts';
import { acrossTenants, asTenant, newId, queryRows } from '#libs/database';
import { runInContext } from '#libs/observability';
import { z } from 'zod';
import { as, outcome } from '../../../test/as';
import { anEntry } from '../../../../../libs/audit/test/audit';
import { actorOf, contextOf, startAuth, type TestAuth } from '../../../test/auth';
import { anOrganization, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

type Page = ResponseOf<typeof listAuditEntries>;
type Wish = Omit<RequestInput<typeof listAuditEntries>, 'organizationId'>;

const list = (user: User, organizationId: string, wish: Wish = {}): Promise<Page> =>
  auth.rpc.call(listAuditEntries, { organizationId, ...wish }, as(user));
const take = (user: User, organizationId: string, wish: Omit<Wish, 'limit'> = {}): Promise<Page> =>
  auth.rpc.call(exportAuditEntries, { organizationId, ...wish }, as(user));

/** Records entries with their actors in one transaction, so that many have the same time. */
async function record(entries: readonly (AuditInput & { readonly by?: User })[]): Promise<void> {
  await auth.dataSource.transaction(async (manager) => {
    await acrossTenants(manager);
    for (const { by, ...entry } of entries) {
      const actor = by === undefined ? null : actorOf(by);
      await runInContext(contextOf({ actor }), () => new AuditLog().record(manager, entry));
    }
  });
}

async function pages(user: User, organizationId: string, wish: Wish): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  for (let next: Wish = wish; ;) {
    const { data, nextCursor } = await list(user, organizationId, next);
    found.push(...data);
    if (nextCursor === null) return found;
    next = { ...wish, cursor: nextCursor };
  }
}

const sequences = (entries: readonly AuditEntry[]) => entries.map(({ sequence }) => sequence);
const downFrom = (last: number, count: number) => Array.from({ length: count }, (_, index) => last - index);

async function anOrganizationWith(count: number) {
  const { owner, organization } = await anOrganization(auth);
  const [last] = (await list(owner, organization.id)).data;
  await record(Array.from({ length: count }, () => anEntry(organization.id)));
  return { owner, id: organization.id, last: (last?.sequence ?? 0) + count };
}

describe('pages', () => {
  it('neither repeat nor skip an entry, even with equal times and concurrent writes', async () => {
    const { owner, id, last } = await anOrganizationWith(25);
    expect(sequences(await pages(owner, id, { limit: 7 }))).toEqual(downFrom(last, last));
    const first = await list(owner, id, { limit: 10 });
    await record([anEntry(id), anEntry(id)]);
    const second = await list(owner, id, { limit: 10, cursor: first.nextCursor ?? '' });
    expect(sequences([...first.data, ...second.data])).toEqual(downFrom(last, 20));
  });

  it('continue among many entries with the same time', async () => {
    const { owner, id } = await anOrganizationWith(0);
    const sql = `INSERT INTO audit_entries (id, organization_id, actor_kind, act, target_type, target_id, request_id, details_hash, hash)
      SELECT gen_random_uuid(), $1, 'system', 'member.left', 'user', 'i', 'r', sha256('d'), sha256('c') FROM generate_series(1, 200)`;
    await everywhere(auth, sql, [id]);
    const entries = await pages(owner, id, { limit: 9, act: 'member.left' });
    expect(sequences(entries)).toEqual(downFrom(entries[0]?.sequence ?? 0, 200));
    // Two hundred entries in a few milliseconds have equal times at the page bounds.
    expect(new Set(entries.map(({ at }) => at)).size).toBeLessThan(200);
    const { at = '' } = entries[100] ?? {};
    const same = entries.filter((entry) => entry.at === at);
    expect(await pages(owner, id, { from: at, to: at, limit: 3 })).toEqual(same);
  });

  it.each(['', 'x', 'LTE', Buffer.from('1 OR 1=1').toString('base64url'), Buffer.from(newId()).toString('base64url')])(
    'refuse the cursor "%s"',
    async (cursor) => {
      const { owner, id } = await anOrganizationWith(1);
      expect(await outcome(list(owner, id, { cursor }))).toBe('validation_failed');
    },
  );
});

describe('filters', () => {
  it('find entries by actor, act, target and time, alone and combined', async () => {
    const { owner, id } = await anOrganizationWith(1);
    const [ada, grace] = [await auth.aUser(), await auth.aUser()];
    const target = { type: 'role' as const, id: newId() };
    await record([
      { ...anEntry(id, { act: 'role.created', target }), by: ada },
      { ...anEntry(id, { act: 'role.updated', target }), by: ada },
      { ...anEntry(id, { act: 'role.updated', target }), by: grace },
      { ...anEntry(id, { act: 'role.updated' }), by: ada },
    ]);
    const [fourth, third, second, first] = (await list(owner, id, { limit: 4 })).data;
    const found = async (wish: Wish) => (await list(owner, id, wish)).data;
    expect(await found({ actor: ada.id })).toEqual([fourth, second, first]);
    expect(await found({ act: 'role.updated' })).toEqual([fourth, third, second]);
    expect(await found({ target: target.id })).toEqual([third, second, first]);
    expect(await found({ actor: ada.id, act: 'role.updated', target: target.id })).toEqual([second]);
    const capitals = { actor: ada.id.toUpperCase(), target: target.id.toUpperCase() };
    expect(await found(capitals)).toEqual([second, first]);
    expect(await found({ actor: newId() })).toEqual([]);
    expect(await found({ target: "' OR true --" })).toEqual([]);
    const longAgo = new Date(Date.now() - 3_600_000).toISOString();
    const later = new Date(Date.now() + 3_600_000).toISOString();
    expect(await found({ from: longAgo, to: later, actor: grace.id })).toEqual([third]);
    expect(await found({ from: later })).toEqual([]);
    expect(await found({ to: longAgo })).toEqual([]);
    const always = { from: '0001-01-01T00:00:00Z', to: '9999-12-31T23:59:59.999Z' };
    expect(await found({ ...always, actor: grace.id })).toEqual([third]);
    expect((await found({ from: fourth?.at ?? '' }))[0]).toEqual(fourth);
  });

  it.each([
    { actor: 'ada' },
    { from: 'yesterday' },
    { to: '2026-01-01' },
    { from: '0000-01-01T00:00:00Z' },
    { from: '0001-01-01T00:00:00+23:59' },
    { to: '9999-12-31T23:59:59-23:59' },
    { target: '' },
    { target: 'a\0b' },
    { limit: 101 },
  ])('refuse %j', async (wish) => {
    const { owner, id } = await anOrganizationWith(0);
    expect(await outcome(list(owner, id, wish))).toBe('validation_failed');
  });
});

describe('reading the audit log', () => {
  it('is allowed for owners and admins, and for no one else', async () => {
    const { owner, id } = await anOrganizationWith(1);
    const stranger = (await anOrganization(auth)).owner;
    for (const [role, expected] of [
      ['admin', 'ok'],
      ['member', 'permission_denied'],
      ['viewer', 'permission_denied'],
    ] as const) {
      const member = await join(auth, id, role);
      expect([await outcome(list(member, id)), await outcome(take(member, id))]).toEqual([expected, expected]);
    }
    expect([await outcome(list(stranger, id)), await outcome(take(stranger, id))]).toEqual(['not_found', 'not_found']);
    expect(await outcome(list(owner, newId()))).toBe('not_found');
  });

  it('shows nothing of other organizations, even by their ids', async () => {
    const [ours, theirs] = [await anOrganizationWith(3), await anOrganizationWith(3)];
    const [entry] = (await list(theirs.owner, theirs.id)).data;
    const { data } = await list(ours.owner, ours.id);
    expect(JSON.stringify(data)).not.toContain(theirs.id);
    expect((await list(ours.owner, ours.id, { target: entry?.target.id ?? '' })).data).toEqual([]);
    // The database checks this too, behind the service.
    const rows = await auth.dataSource.transaction(async (manager) => {
      await asTenant(manager, { organizationId: ours.id, userId: ours.owner.id });
      return queryRows(manager, 'SELECT organization_id AS id FROM audit_entries', [], z.object({ id: z.uuid() }));
    });
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set([ours.id]));
  });

  it('shows the platform’s chain only across tenants', async () => {
    await record([anEntry(null, { act: 'staff.granted' })]);
    const seen = (isStaff: boolean) =>
      auth.dataSource.transaction(async (manager) => {
        if (isStaff) await acrossTenants(manager);
        return auditPage(manager, null, { limit: 10 });
      });
    expect((await seen(true)).data).toMatchObject([{ act: 'staff.granted' }]);
    expect((await seen(false)).data).toEqual([]);
  });
});

describe('an export', () => {
  it('returns every entry in parts that fit into a message, however long the entries are', async () => {
    const { owner, id, last } = await anOrganizationWith(0);
    const text = '\u0001'.repeat(600);
    const change = { before: { text, more: 'x'.repeat(400) }, after: { text } };
    await record(Array.from({ length: 600 }, () => anEntry(id, change)));
    const found: AuditEntry[] = [];
    for (let part = await take(owner, id); ; part = await take(owner, id, { cursor: part.nextCursor })) {
      found.push(...part.data);
      if (part.nextCursor === null) break;
    }
    expect(sequences(found)).toEqual(downFrom(last + 600, last + 600));
  });

  it('is recorded once, with its filter', async () => {
    const { owner, id } = await anOrganizationWith(510);
    const first = await take(owner, id, { act: 'member.role_changed' });
    expect(first.data).toHaveLength(500);
    await take(owner, id, { act: 'member.role_changed', cursor: first.nextCursor ?? '' });
    const { data } = await list(owner, id, { act: 'audit_log.exported' });
    expect(data).toMatchObject([
      { actor: { kind: 'session', id: owner.id }, target: { id }, after: { act: 'member.role_changed' } },
    ]);
    expect(data).toHaveLength(1);
  });
});

it('records nothing for a refused act', async () => {
  const { owner, id, last } = await anOrganizationWith(1);
  const viewer = await join(auth, id, 'viewer');
  const attempt = auth.rpc.call(removeMember, { organizationId: id, userId: owner.id }, as(viewer));
  expect(await outcome(attempt)).toBe('permission_denied');
  expect(sequences((await list(owner, id)).data)).toEqual(downFrom(last, last));
});

it('reads the newest page, and one page per filter, through an index', async () => {
  const { owner, id } = await anOrganizationWith(0);
  const other = await anOrganizationWith(0);
  const fill = `INSERT INTO audit_entries (id, organization_id, actor_kind, actor_id, act, target_type, target_id, request_id, details_hash, hash)
    SELECT gen_random_uuid(), $1, 'session', gen_random_uuid(), 'act.' || n % 50, 'user', n::text, 'r', sha256('d'), sha256('c')
    FROM generate_series(1, 6000) AS n`;
  await everywhere(auth, fill, [id]);
  await everywhere(auth, fill, [other.id]);
  const [sql = ''] = (await auth.queries.during(() => list(owner, id))).filter((text) =>
    text.includes('FROM audit_entries'),
  );
  const explain = `EXPLAIN ${sql}`;
  const nothing = [null, null, null, null, null, null];
  const oneOf = (place: number, value: string) => nothing.map((none, at) => (at === place ? value : none));
  const time = new Date().toISOString();
  const filters = [
    nothing,
    oneOf(0, owner.id),
    oneOf(1, 'role.deleted'),
    oneOf(2, '77'),
    oneOf(3, time),
    oneOf(4, time),
  ];
  for (const filter of filters) {
    const plan = await auth.dataSource.transaction(async (manager) => {
      await asTenant(manager, { organizationId: id, userId: owner.id });
      return manager.query<unknown>(explain, [id, ...filter, 21]);
    });
    expect(JSON.stringify(plan)).toContain('Index');
    expect(JSON.stringify(plan)).not.toContain('Seq Scan');
  }
});
