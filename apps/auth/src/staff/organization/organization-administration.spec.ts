import {
  createOrganization,
  getOrganization,
  listAuditEntries,
  listPlatformAudit,
  reinstateOrganization,
  searchOrganizations,
  suspendOrganization,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { anOrganization, everywhere, join } from '../../../test/organizations';
import { aStaffMember } from '../../../test/staff';

let auth: TestAuth;
let admin: Awaited<ReturnType<typeof aStaffMember>>;
let support: typeof admin;
beforeAll(async () => {
  auth = await startAuth();
  [admin, support] = [await aStaffMember(auth), await aStaffMember(auth, 'support')];
});

const reason = 'Sells what is forbidden';
const suspend = (organizationId: string, by = admin) =>
  auth.rpc.call(suspendOrganization, { organizationId, reason }, by.me);
const reinstate = (organizationId: string, by = admin) =>
  auth.rpc.call(reinstateOrganization, { organizationId }, by.me);
const search = async (query: string) =>
  (await auth.rpc.call(searchOrganizations, { query }, support.me)).data.map(({ id }) => id);

describe('the search for organizations', () => {
  it('finds by id, slug and name across tenants, with the number of members', async () => {
    const tag = `Umbrella ${newId().slice(-12)}`;
    const { organization } = await anOrganization(auth, tag);
    await join(auth, organization.id, 'member');
    const found = await auth.rpc.call(searchOrganizations, { query: organization.id }, support.me);
    expect(found.data).toEqual([
      {
        id: organization.id,
        name: tag,
        slug: organization.slug,
        members: 2,
        createdAt: expect.any(String),
        suspendedAt: null,
        deleteAfter: null,
      },
    ]);
    for (const query of [tag, tag.toUpperCase(), organization.slug])
      expect(await search(query)).toEqual([organization.id]);
    for (const query of [`x${tag}`, `${tag}%`, newId(), "'; DROP TABLE organizations; --"])
      expect(await search(query)).toEqual([]);
  });

  it('scans no table, behind row-level security', async () => {
    await everywhere(
      auth,
      `INSERT INTO organizations (id, name, slug) SELECT gen_random_uuid(), 'Many ' || n, 'many-' || n FROM generate_series(1, 20000) n`,
    );
    for (const query of ['many-1', 'Many 1', 'nobody']) {
      const statements = await auth.queries.during(() => search(query));
      for (const statement of statements.filter((each) => each.includes('FROM organizations'))) {
        const parameters = statement.includes('slug AS "sortedBy"')
          ? [query, '\u{10FFFF}', '', 21]
          : [query, '\u{10FFFF}', '', '00000000-0000-0000-0000-000000000000', 21];
        const plan = JSON.stringify(await everywhere(auth, ['EXPLAIN', statement].join(' '), parameters));
        expect(plan).toMatch(/Index Scan (using|on) organizations_(slug|name)_prefix_idx/);
        expect(plan).not.toContain('Seq Scan on organizations');
      }
    }
  });
});

describe('a suspended organization', () => {
  it('refuses its members, including owners, until it is reinstated, and affects no others', async () => {
    const [{ owner, organization }, other] = [await anOrganization(auth), await anOrganization(auth)];
    const look = (who = owner, organizationId = organization.id) =>
      outcome(auth.rpc.call(getOrganization, { organizationId }, as(who)));
    expect(await suspend(organization.id)).toMatchObject({ id: organization.id, suspendedAt: expect.any(String) });
    expect(await look()).toBe('organization_suspended');
    expect(await look(other.owner, other.organization.id)).toBe('ok');
    expect(await look(other.owner)).toBe('not_found');
    expect(await outcome(auth.rpc.call(createOrganization, { name: 'Another' }, as(owner)))).toBe('ok');
    expect(await reinstate(organization.id)).toMatchObject({ suspendedAt: null });
    expect(await look()).toBe('ok');
  });

  it('needs an admin of the staff in a live session', async () => {
    const { owner, organization } = await anOrganization(auth);
    expect(await outcome(suspend(organization.id, support))).toBe('permission_denied');
    expect(await outcome(reinstate(organization.id, support))).toBe('permission_denied');
    expect(await outcome(suspend(newId()))).toBe('not_found');
    const asOwner = auth.rpc.call(suspendOrganization, { organizationId: organization.id, reason }, as(owner));
    expect(await outcome(asOwner)).toBe('permission_denied');
    const former = await aStaffMember(auth);
    await auth.dataSource.query('UPDATE users SET staff_role = NULL WHERE id = $1', [former.user.id]);
    expect(await outcome(suspend(organization.id, former))).toBe('unauthenticated');
  });

  it('is recorded once, without the reason in its own audit log and with it in the platform’s', async () => {
    const { owner, organization } = await anOrganization(auth);
    await Promise.all([suspend(organization.id), suspend(organization.id)]);
    await reinstate(organization.id);
    await reinstate(organization.id);
    const page = { organizationId: organization.id };
    const own = await auth.rpc.call(listAuditEntries, page, as(owner));
    expect(own.data.map(({ act }) => act)).toEqual([
      'organization.reinstated',
      'organization.suspended',
      'organization.created',
    ]);
    expect(JSON.stringify(own)).not.toContain(reason);
    const seen = await auth.rpc.call(listPlatformAudit, page, support.me);
    expect(seen).toEqual(own);
    const platform = await auth.rpc.call(listPlatformAudit, { target: organization.id }, support.me);
    expect(platform.data).toMatchObject([
      { act: 'organization.reinstated', actor: { id: admin.user.id } },
      { act: 'organization.suspended', actor: { id: admin.user.id }, after: { reason } },
    ]);
  });
});
