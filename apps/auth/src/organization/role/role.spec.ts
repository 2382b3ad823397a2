import {
  builtInRoles,
  createRole,
  customPermission,
  deleteRole,
  getOrganization,
  listRoles,
  updateRole,
  type Permission,
  type RequestOf,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { aCustomRole, anOrganization, atOnce, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

type Wish = Pick<RequestOf<typeof createRole>, 'name' | 'permissions'>;
const create = (by: User, organizationId: string, wish: Wish) =>
  auth.rpc.call(createRole, { organizationId, ...wish }, as(by));
const update = (by: User, organizationId: string, roleId: string, changes: Partial<Wish>) =>
  auth.rpc.call(updateRole, { organizationId, roleId, ...changes }, as(by));
const remove = (by: User, organizationId: string, roleId: string) =>
  auth.rpc.call(deleteRole, { organizationId, roleId }, as(by));
const list = async (by: User, organizationId: string) =>
  (await auth.rpc.call(listRoles, { organizationId }, as(by))).data;

const auditor: Wish = { name: 'Auditor', permissions: ['organization:read', 'audit:read'] };

describe('a custom role', () => {
  it('is listed after the built-in roles, by name, in its own organization only', async () => {
    const { owner, organization } = await anOrganization(auth);
    const other = await anOrganization(auth);
    const zoologist = await create(owner, organization.id, { name: 'Zoologist', permissions: ['members:read'] });
    const made = await create(owner, organization.id, auditor);
    expect(made).toEqual({ id: expect.any(String), builtIn: false, ...auditor });
    const roles = await list(owner, organization.id);
    expect(roles.map(({ name }) => name)).toEqual(['owner', 'admin', 'member', 'viewer', 'Auditor', 'Zoologist']);
    expect(roles.slice(4)).toEqual([made, zoologist]);
    for (const { id, builtIn, permissions } of roles.slice(0, 4)) {
      expect({ builtIn, permissions }).toEqual({
        builtIn: true,
        permissions: Object.entries(builtInRoles).find(([name]) => name === id)?.[1],
      });
    }
    expect(await list(other.owner, other.organization.id)).toHaveLength(4);
    expect(await outcome(update(other.owner, other.organization.id, made.id, { name: 'Mine' }))).toBe('not_found');
    expect(await outcome(remove(other.owner, other.organization.id, made.id))).toBe('not_found');
    expect(await outcome(remove(owner, organization.id, newId()))).toBe('not_found');
  });

  it('changes the permissions of its members at once', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const role = await create(owner, id, auditor);
    const member = await join(auth, id, { customRoleId: role.id });
    const look = () => outcome(auth.rpc.call(getOrganization, { organizationId: id }, as(member)));
    expect(await look()).toBe('ok');
    const changed = await update(owner, id, role.id, { permissions: ['audit:read'] });
    expect(changed).toEqual({ ...role, permissions: ['audit:read'] });
    expect(await look()).toBe('permission_denied');
    expect(await update(owner, id, role.id, { name: 'Reader' })).toEqual({ ...changed, name: 'Reader' });
  });

  it('cannot include ownership, not even for owners or in the table', async () => {
    const { owner, organization } = await anOrganization(auth);
    const stolen: Permission[] = ['organization:delete', 'organization:transfer'];
    for (const permission of stolen) {
      const wish = { organizationId: organization.id, name: 'Heir', permissions: [permission] };
      expect(createRole.request.safeParse(wish).success).toBe(false);
      await expect(aCustomRole(auth, organization.id, [permission])).rejects.toMatchObject({
        driverError: { code: '23514' },
      });
    }
    expect(await outcome(create(owner, organization.id, { name: 'All', permissions: customPermission.options }))).toBe(
      'ok',
    );
  });

  it('can be created, changed and deleted only with all of its permissions, before and after', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    const payer = await create(owner, id, { name: 'Payer', permissions: ['billing:manage'] });
    const reader = await create(admin, id, { name: 'Reader', permissions: ['audit:read'] });
    expect(await outcome(create(admin, id, { name: 'Payer 2', permissions: ['billing:manage'] }))).toBe(
      'permission_denied',
    );
    expect(await outcome(update(admin, id, reader.id, { permissions: ['billing:manage'] }))).toBe('permission_denied');
    expect(await outcome(update(admin, id, payer.id, { permissions: ['audit:read'] }))).toBe('permission_denied');
    expect(await outcome(update(admin, id, payer.id, { name: 'x1' }))).toBe('permission_denied');
    expect(await outcome(remove(admin, id, payer.id))).toBe('permission_denied');
    expect(await outcome(remove(admin, id, reader.id))).toBe('ok');
    const member = await join(auth, id, 'member');
    expect(await outcome(create(member, id, { name: 'Mine', permissions: ['members:read'] }))).toBe(
      'permission_denied',
    );
  });

  it.each(['auditor', 'AUDITOR'])('needs a unique name: %s is taken', async (name) => {
    const { owner, organization } = await anOrganization(auth);
    await create(owner, organization.id, auditor);
    const other = await create(owner, organization.id, { name: 'Other', permissions: ['audit:read'] });
    const taken = { code: 'validation_failed', errors: [{ path: 'name', code: 'name_taken' }] };
    await expect(create(owner, organization.id, { ...auditor, name })).rejects.toMatchObject(taken);
    await expect(update(owner, organization.id, other.id, { name })).rejects.toMatchObject(taken);
    const builtIn = createRole.request.safeParse({ organizationId: organization.id, ...auditor, name: 'Owner' });
    expect(builtIn.error?.issues).toMatchObject([{ path: ['name'] }]);
  });

  it('refuses a name that looks like that of a built-in role or of another custom one', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const role = await create(owner, id, auditor);
    const other = await create(owner, id, { ...auditor, name: 'Reader' });
    const taken = { code: 'validation_failed', errors: [{ path: 'name', code: 'name_taken' }] };
    for (const name of ['\uff4f\uff57\uff4e\uff45\uff52', '\u043ewner', '\u0410uditor']) {
      await expect(create(owner, id, { ...auditor, name })).rejects.toMatchObject(taken);
      await expect(update(owner, id, other.id, { name })).rejects.toMatchObject(taken);
    }
    expect(await outcome(update(owner, id, role.id, { name: 'AUDITOR' }))).toBe('ok');
  });

  it('is one of at most fifty, even with concurrent requests', async () => {
    const { owner, organization } = await anOrganization(auth);
    await everywhere(
      auth,
      `INSERT INTO organization_roles (id, organization_id, name, permissions)
       SELECT gen_random_uuid(), $1, 'Role ' || n, '{audit:read}' FROM generate_series(1, 49) n`,
      [organization.id],
    );
    const ends = await atOnce(
      auth,
      organization,
      ['One', 'Two'].map((name) => () => create(owner, organization.id, { ...auditor, name })),
    );
    expect(ends.toSorted()).toEqual(['limit_reached', 'ok']);
  });
});

describe('deleting a custom role', () => {
  it('is refused while a member or open invitation has it, but not for ended invitations', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const role = await create(owner, id, auditor);
    const member = await join(auth, id, { customRoleId: role.id });
    expect(await outcome(remove(owner, id, role.id))).toBe('role_in_use');
    await everywhere(auth, 'DELETE FROM memberships WHERE user_id = $1', [member.id]);
    await everywhere(
      auth,
      `INSERT INTO invitations (id, organization_id, email, role, custom_role_id, selector, verifier_hash, expires_at)
       VALUES ($1, $2, 'a@example.com', 'custom', $3, $4, 'x', now() + interval '1 day')`,
      [newId(), id, role.id, newId()],
    );
    expect(await outcome(remove(owner, id, role.id))).toBe('role_in_use');
    await everywhere(auth, 'UPDATE invitations SET expires_at = now() WHERE organization_id = $1', [id]);
    expect(await outcome(remove(owner, id, role.id))).toBe('ok');
    const left = await everywhere(auth, 'SELECT role, custom_role_id FROM invitations WHERE organization_id = $1', [
      id,
    ]);
    expect(left).toEqual([{ role: 'viewer', custom_role_id: null }]);
    expect(await outcome(remove(owner, id, role.id))).toBe('not_found');
  });
});
