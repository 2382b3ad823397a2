import {
  builtInRoles,
  changeMemberRole,
  leaveOrganization,
  listMembers,
  removeMember,
  type BuiltInRole,
  type RoleReference,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { aCustomRole, anOrganization, atOnce, everywhere, join } from '../../../test/organizations';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const list = (user: User, organizationId: string, page: object = {}) =>
  auth.rpc.call(listMembers, { organizationId, ...page }, as(user));

const changeRole = (by: User, organizationId: string, whom: User, role: RoleReference) =>
  auth.rpc.call(changeMemberRole, { organizationId, userId: whom.id, role }, as(by));
const remove = (by: User, organizationId: string, whom: User) =>
  auth.rpc.call(removeMember, { organizationId, userId: whom.id }, as(by));
const leave = (user: User, organizationId: string) => auth.rpc.call(leaveOrganization, { organizationId }, as(user));

const rolesIn = async (organizationId: string): Promise<Record<string, unknown>> => {
  const rows = await everywhere(auth, 'SELECT user_id, role FROM memberships WHERE organization_id = $1', [
    organizationId,
  ]);
  return Object.fromEntries(rows.map((row) => [String(row['user_id']), row['role']]));
};

describe('the list of members', () => {
  it('has the members of the organization only, page by page', async () => {
    const { owner, organization } = await anOrganization(auth);
    await anOrganization(auth, 'Another');
    const auditor = await join(
      auth,
      organization.id,
      await aCustomRole(auth, organization.id, ['audit:read'], 'Auditor'),
    );
    const page = await list(owner, organization.id, { limit: 1 });
    expect(page.data).toMatchObject([
      { userId: auditor.id, name: 'Ada', email: auditor.email, avatarUrl: null, roleName: 'Auditor' },
    ]);
    expect(page.data[0]?.role).toMatch(/^[0-9a-f-]{36}$/);
    const next = await list(owner, organization.id, { limit: 1, cursor: page.nextCursor });
    expect(next).toMatchObject({ data: [{ userId: owner.id, role: 'owner', roleName: 'owner' }], nextCursor: null });
  });

  it('shows each picture, uploaded or external', async () => {
    const { owner, organization } = await anOrganization(auth);
    await join(auth, organization.id, 'member', await auth.aUser({ avatarUrl: 'https://pictures.test/ada.png' }));
    await join(auth, organization.id, 'member', await auth.aUser({ avatarObject: newId() }));
    const { data } = await list(owner, organization.id);
    expect(data.map(({ avatarUrl }) => avatarUrl)).toEqual([
      expect.stringContaining('/api/v1/avatars/'),
      'https://pictures.test/ada.png',
      null,
    ]);
  });

  it('takes three statements, whatever its length', async () => {
    const { owner, organization } = await anOrganization(auth);
    for (let count = 0; count < 5; count++) await join(auth, organization.id, 'member');
    const queries = await auth.queries.during(async () =>
      expect((await list(owner, organization.id)).data).toHaveLength(6),
    );
    expect(queries).toHaveLength(3);
  });

  it('is refused without the permission, and for an invalid cursor', async () => {
    const { owner, organization } = await anOrganization(auth);
    const blind = await join(auth, organization.id, await aCustomRole(auth, organization.id, ['organization:read']));
    expect(await outcome(list(blind, organization.id))).toBe('permission_denied');
    expect(await outcome(list(await auth.aUser(), organization.id))).toBe('not_found');
    expect(await outcome(list(owner, organization.id, { cursor: 'made-up' }))).toBe('validation_failed');
  });
});

describe('the role of a member', () => {
  it('changes to a built-in or custom role, from the next request on', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const member = await join(auth, id, 'viewer');
    expect(await outcome(changeRole(member, id, owner, 'viewer'))).toBe('permission_denied');
    expect(await changeRole(owner, id, member, 'admin')).toMatchObject({ userId: member.id, role: 'admin' });
    const other = await join(auth, id, 'member');
    expect(await outcome(changeRole(member, id, other, 'viewer'))).toBe('ok');
    const { customRoleId } = await aCustomRole(auth, id, ['audit:read'], 'Auditor');
    expect(await changeRole(owner, id, member, customRoleId)).toMatchObject({
      role: customRoleId,
      roleName: 'Auditor',
    });
    expect(await outcome(changeRole(member, id, other, 'member'))).toBe('permission_denied');
  });

  it('cannot be changed if it has, or would have, permissions that the caller lacks', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const admin = await join(auth, id, 'admin');
    const { customRoleId: payer } = await aCustomRole(auth, id, ['billing:manage']);
    const keeper = await join(auth, id, await aCustomRole(auth, id, ['members:manage', ...builtInRoles.member]));
    const member = await join(auth, id, 'member');
    const attempts: [User, User, RoleReference][] = [
      [admin, owner, 'viewer'],
      [admin, admin, 'owner'],
      [admin, member, 'owner'],
      [admin, member, payer],
      [keeper, admin, 'viewer'],
      [keeper, member, 'admin'],
      [keeper, keeper, 'admin'],
    ];
    for (const attempt of attempts) {
      const [by, whom, role] = attempt;
      expect(await outcome(changeRole(by, id, whom, role))).toBe('permission_denied');
    }
    expect(await outcome(remove(admin, id, owner))).toBe('permission_denied');
    expect(await outcome(remove(keeper, id, admin))).toBe('permission_denied');
    await changeRole(owner, id, member, payer);
    expect(await outcome(remove(admin, id, member))).toBe('permission_denied');
    expect(await outcome(changeRole(admin, id, member, 'viewer'))).toBe('permission_denied');
    expect(await outcome(changeRole(keeper, id, await join(auth, id, 'viewer'), 'member'))).toBe('ok');
  });

  it('must exist in the organization', async () => {
    const { owner, organization } = await anOrganization(auth);
    const other = await anOrganization(auth);
    const { customRoleId } = await aCustomRole(auth, other.organization.id, ['audit:read']);
    const member = await join(auth, organization.id, 'member');
    for (const role of [customRoleId, newId()]) {
      await expect(changeRole(owner, organization.id, member, role)).rejects.toMatchObject({
        code: 'validation_failed',
        errors: [{ path: 'role', code: 'unknown_role' }],
      });
    }
    expect(await outcome(changeRole(owner, organization.id, other.owner, 'viewer'))).toBe('not_found');
    expect(await outcome(remove(owner, organization.id, other.owner))).toBe('not_found');
  });

  it('stays owner for the only owner, and can change with a second owner', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const second = await join(auth, id, 'member');
    expect(await outcome(changeRole(owner, id, owner, 'admin'))).toBe('last_owner');
    expect(await outcome(remove(owner, id, owner))).toBe('last_owner');
    expect(await outcome(changeRole(owner, id, owner, 'owner'))).toBe('ok');
    await changeRole(owner, id, second, 'owner');
    expect(await outcome(changeRole(second, id, owner, 'viewer'))).toBe('ok');
    expect(await rolesIn(id)).toEqual({ [owner.id]: 'viewer', [second.id]: 'owner' });
  });
});

describe('leaving an organization', () => {
  it('is allowed for every member except the only owner', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const people = await Promise.all([
      join(auth, id, 'admin'),
      join(auth, id, 'viewer'),
      join(auth, id, await aCustomRole(auth, id, [])),
    ]);
    expect(await outcome(leave(owner, id))).toBe('last_owner');
    for (const user of people) expect(await outcome(leave(user, id))).toBe('ok');
    for (const user of people) expect(await outcome(leave(user, id))).toBe('not_found');
    expect(await outcome(leave(owner, id))).toBe('last_owner');
    expect(await rolesIn(id)).toEqual({ [owner.id]: 'owner' });
  });
});

it('lets members leave a suspended organization', async () => {
  const { organization } = await anOrganization(auth);
  const user = await join(auth, organization.id, 'viewer');
  await everywhere(auth, 'UPDATE organizations SET suspended_at = now() WHERE id = $1', [organization.id]);
  expect(await outcome(leave(user, organization.id))).toBe('ok');
});

describe('two concurrent requests', () => {
  const pairs = async (role: BuiltInRole) => {
    const { owner, organization } = await anOrganization(auth);
    const [ada, grace] = [await join(auth, organization.id, role), await join(auth, organization.id, role)];
    return { owner, organization, id: organization.id, ada, grace };
  };

  it.each(['admin', 'owner'] as const)('let one win if two %s take each other’s role', async (role) => {
    const { organization, id, ada, grace } = await pairs(role);
    const ends = await atOnce(auth, organization, [
      () => changeRole(ada, id, grace, 'viewer'),
      () => changeRole(grace, id, ada, 'viewer'),
    ]);
    expect(ends.toSorted()).toEqual(['ok', 'permission_denied']);
    const after = await rolesIn(id);
    expect([after[ada.id], after[grace.id]].toSorted()).toEqual([role, 'viewer'].toSorted());
  });

  it('let one win if two members remove each other', async () => {
    const { organization, id, ada, grace } = await pairs('admin');
    const ends = await atOnce(auth, organization, [() => remove(ada, id, grace), () => remove(grace, id, ada)]);
    expect(ends.toSorted()).toEqual(['not_found', 'ok']);
    expect(Object.keys(await rolesIn(id))).toHaveLength(2);
  });

  it('keep one owner if the last two leave or step down', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const second = await join(auth, id, 'owner');
    const ends = await atOnce(auth, organization, [
      () => leave(owner, id),
      () => changeRole(second, id, second, 'admin'),
    ]);
    expect(ends.toSorted()).toEqual(['last_owner', 'ok']);
    expect(Object.values(await rolesIn(id)).filter((role) => role === 'owner')).toHaveLength(1);
  });

  it('end a membership once if it is left and removed', async () => {
    const { owner, organization, id, ada } = await pairs('member');
    const ends = await atOnce(auth, organization, [() => leave(ada, id), () => remove(owner, id, ada)]);
    expect(ends.toSorted()).toEqual(['not_found', 'ok']);
    expect(await rolesIn(id)).not.toHaveProperty(ada.id);
  });
});
