import { getOrganization } from '#libs/contracts';
import { acrossTenants, asTenant, asUser, newId } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { as } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { aCustomRole, anOrganization, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';
import { OrganizationAccess } from './organization-access';

const tables = ['organizations', 'memberships', 'organization_roles', 'ownership_transfers', 'invitations'] as const;
const tenantOf = (table: string) => (table === 'organizations' ? 'id' : 'organization_id');

let auth: TestAuth;
let ours: Filled;
let theirs: Filled;
beforeAll(async () => {
  auth = await startAuth();
  [ours, theirs] = [await filled(), await filled()];
});

interface Filled {
  readonly id: string;
  readonly owner: User;
}

/** An organization with two rows in `memberships` and one in each other tenant table. */
async function filled(): Promise<Filled> {
  const { owner, organization } = await anOrganization(auth);
  const { id } = organization;
  const member = await join(auth, id, 'member');
  await aCustomRole(auth, id, ['members:read']);
  await everywhere(
    auth,
    `INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at)
     VALUES ($1, $2, $3, now() + interval '7 days')`,
    [id, owner.id, member.id],
  );
  await everywhere(
    auth,
    `INSERT INTO invitations (id, organization_id, email, role, invited_by, selector, verifier_hash, expires_at)
     VALUES ($1, $2, 'grace@example.com', 'member', $3, $4, 'x', now() + interval '7 days')`,
    [newId(), id, owner.id, newId()],
  );
  return { id, owner };
}

/** Runs as this tenant in one transaction and rolls it back. */
async function tried<T>(prepare: (manager: EntityManager) => Promise<void>, sql: string): Promise<T[]> {
  const runner = auth.dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    await prepare(runner.manager);
    return await runner.manager.query<T[]>(sql);
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

const asOurs = (manager: EntityManager) => asTenant(manager, { organizationId: ours.id, userId: newId() });
const asNobody = async () => undefined;

describe('tenant isolation', () => {
  it('covers every table with an organization, and restricts the owner of the tables too', async () => {
    const rows = await auth.dataSource.query<{ table: string }[]>(`
      SELECT relname AS table, relrowsecurity AS enabled, relforcerowsecurity AS forced,
        EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid) AS opened
      FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND (relname = 'organizations' OR EXISTS (
          SELECT 1 FROM pg_attribute WHERE attrelid = pg_class.oid AND attname = 'organization_id' AND NOT attisdropped))`);
    for (const row of rows) expect(row).toMatchObject({ enabled: true, forced: true, opened: true });
    expect(rows.map(({ table }) => table)).toEqual(expect.arrayContaining([...tables]));
  });

  it('restricts the service’s role, which is no superuser and owns nothing', async () => {
    const [role] = await auth.dataSource.query<unknown[]>(`
      SELECT rolsuper, rolbypassrls, (SELECT count(*)::int FROM pg_class WHERE relowner = pg_roles.oid) AS owned
      FROM pg_roles WHERE rolname = current_user`);
    expect(role).toEqual({ rolsuper: false, rolbypassrls: false, owned: 0 });
  });
});

describe.each(tables)('%s', (table) => {
  const organizations = `SELECT DISTINCT ${tenantOf(table)} AS id FROM ${table}`;
  const changed = (verb: string) =>
    `WITH changed AS (${verb} RETURNING ${tenantOf(table)} AS id) SELECT DISTINCT id FROM changed`;

  it('shows and changes nothing without a tenant', async () => {
    expect(await tried(asNobody, organizations)).toEqual([]);
    expect(await tried(asNobody, changed(`UPDATE ${table} SET created_at = now()`))).toEqual([]);
    expect(await tried(asNobody, changed(`DELETE FROM ${table}`))).toEqual([]);
  });

  it('shows only the tenant’s own rows, even without a WHERE', async () => {
    expect(await tried(asOurs, organizations)).toEqual([{ id: ours.id }]);
  });

  it('changes and deletes only the tenant’s own rows, even without a WHERE', async () => {
    expect(await tried(asOurs, changed(`UPDATE ${table} SET created_at = now()`))).toEqual([{ id: ours.id }]);
    // Rows that others refer to cannot be deleted alone.
    const deletion = changed(`DELETE FROM ${table}`);
    expect(await tried(asOurs, deletion)).toEqual([{ id: ours.id }]);
  });

  it('refuses to move a row to another organization or create one there', async () => {
    const refused = { driverError: { code: '42501' } };
    const other = `'${table === 'organizations' ? newId() : theirs.id}'::uuid`;
    await expect(tried(asOurs, `UPDATE ${table} SET ${tenantOf(table)} = ${other}`)).rejects.toMatchObject(refused);
    const { [table]: copy } = {
      organizations: `SELECT gen_random_uuid(), 'x', 'x'`,
      memberships: `SELECT '${theirs.id}'::uuid, '${ours.owner.id}'::uuid, 'owner'`,
      organization_roles: `SELECT gen_random_uuid(), '${theirs.id}'::uuid, 'x', '{}'::text[]`,
      ownership_transfers: `SELECT '${theirs.id}'::uuid, '${theirs.owner.id}'::uuid, '${ours.owner.id}'::uuid, now()`,
      invitations: `SELECT gen_random_uuid(), '${theirs.id}'::uuid, 'x', 'owner', 'x', 'x', now()`,
    };
    const columns = {
      organizations: 'id, name, slug',
      memberships: 'organization_id, user_id, role',
      organization_roles: 'id, organization_id, name, permissions',
      ownership_transfers: 'organization_id, from_user_id, to_user_id, expires_at',
      invitations: 'id, organization_id, email, role, selector, verifier_hash, expires_at',
    }[table];
    await expect(tried(asOurs, `INSERT INTO ${table} (${columns}) ${copy}`)).rejects.toMatchObject(refused);
  });

  it('shows everything to work across organizations', async () => {
    const seen = await tried<{ id: string }>(acrossTenants, organizations);
    expect(seen.map(({ id }) => id)).toEqual(expect.arrayContaining([ours.id, theirs.id]));
  });
});

describe('a user', () => {
  it('sees only their own memberships and those organizations', async () => {
    const { id } = theirs.owner;
    await join(auth, ours.id, await aCustomRole(auth, ours.id, ['audit:read'], 'Auditor'), theirs.owner);
    const me = (manager: EntityManager) => asUser(manager, id);
    const both = expect.arrayContaining([{ id: ours.id }, { id: theirs.id }]);
    const seen = await tried(me, 'SELECT id FROM organizations');
    expect(seen).toEqual(both);
    expect(seen).toHaveLength(2);
    expect(await tried(me, 'SELECT DISTINCT user_id AS id FROM memberships')).toEqual([{ id }]);
    expect(await tried(me, 'SELECT name FROM organization_roles')).toEqual([{ name: 'Auditor' }]);
    for (const table of ['ownership_transfers', 'invitations']) {
      expect(await tried(me, `SELECT 1 FROM ${table}`)).toEqual([]);
    }
    for (const table of ['organizations', 'memberships', 'organization_roles']) {
      const sql = `WITH changed AS (UPDATE ${table} SET created_at = now() RETURNING 1) SELECT * FROM changed`;
      expect(await tried(me, sql)).toEqual([]);
    }
  });
});

describe('a tenant', () => {
  it('ends with its transaction, so the next one on the connection sees nothing', async () => {
    const runner = auth.dataSource.createQueryRunner();
    const count = async () => (await runner.manager.query<unknown[]>('SELECT 1 FROM memberships')).length;
    for (const prepare of [asOurs, acrossTenants, (manager: EntityManager) => asUser(manager, ours.owner.id)]) {
      for (const end of ['commitTransaction', 'rollbackTransaction'] as const) {
        await runner.startTransaction();
        await prepare(runner.manager);
        expect(await count()).toBeGreaterThan(0);
        await runner[end]();
        expect(await count()).toBe(0);
      }
      await prepare(runner.manager);
      expect(await count()).toBe(0);
    }
    await runner.release();
  });

  it('limits all work through OrganizationAccess', async () => {
    const access = auth.application.get(OrganizationAccess, { strict: false });
    const { context } = as(ours.owner);
    const { actor } = context;
    if (actor === null) throw new Error('Nobody asks.');
    const seen = await access.run({ actor }, getOrganization, ours.id, ({ manager }) =>
      manager.query<unknown[]>('SELECT DISTINCT organization_id AS id FROM memberships'),
    );
    expect(seen).toEqual([{ id: ours.id }]);
  });
});
