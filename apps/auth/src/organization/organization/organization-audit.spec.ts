import {
  acceptOwnership,
  changeMemberRole,
  createRole,
  declineOwnership,
  deleteOrganization,
  deleteRole,
  leaveOrganization,
  offerOwnership,
  removeLogo,
  removeMember,
  renameOrganization,
  restoreOrganization,
  storeLogo,
  updateRole,
  withdrawOwnership,
} from '#libs/contracts';
import { as, outcome } from '../../../test/as';
import { startAuth, type TestAuth } from '../../../test/auth';
import { anOrganization, everywhere, join } from '../../../test/organizations';
import { aPicture } from '../../../test/pictures';
import type { User } from '../../account/user/users.table';
import { OrganizationDeletionHandler } from './organization-deletion.handler';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

/** The entries since the last call, oldest first. */
function watch(organizationId: string) {
  let seen = 0;
  return async () => {
    const rows = await everywhere(
      auth,
      `SELECT act, actor_id AS by, target_type AS type, target_id AS target, before, after
       FROM audit_entries WHERE organization_id = $1 ORDER BY sequence OFFSET $2`,
      [organizationId, seen],
    );
    seen += rows.length;
    return rows;
  };
}

describe('records each change once, with actor, before and after,', () => {
  it('of the organization itself, up to its end', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const entries = watch(id);
    const about = { by: owner.id, type: 'organization', target: id };
    expect(await entries()).toMatchObject([{ ...about, act: 'organization.created', after: { name: 'Acme' } }]);
    const me = as(owner);
    const which = { organizationId: id };
    await auth.rpc.call(renameOrganization, { ...which, name: 'New' }, me);
    await auth.rpc.call(storeLogo, { ...which, picture: (await aPicture()).picture }, me);
    await auth.rpc.call(removeLogo, which, me);
    await auth.rpc.call(removeLogo, which, me);
    await auth.rpc.call(restoreOrganization, which, me);
    const { deleteAfter } = await auth.rpc.call(deleteOrganization, which, me);
    await auth.rpc.call(deleteOrganization, which, me);
    await auth.rpc.call(restoreOrganization, which, me);
    expect(await entries()).toMatchObject([
      { ...about, act: 'organization.updated', before: { name: 'Acme' }, after: { name: 'New' } },
      { ...about, act: 'organization.logo_changed' },
      { ...about, act: 'organization.logo_removed' },
      { ...about, act: 'organization.deletion_requested', after: { deleteAfter } },
      { ...about, act: 'organization.restored', before: { deleteAfter } },
    ]);
    await auth.rpc.call(deleteOrganization, which, me);
    await everywhere(auth, "UPDATE organizations SET delete_after = now() - interval '1 day' WHERE id = $1", [id]);
    await auth.application.get(OrganizationDeletionHandler, { strict: false }).eraseDue();
    const end = { act: 'organization.deleted', by: null, target: id, before: { name: 'New', slug: organization.slug } };
    expect(await entries()).toMatchObject([{ act: 'organization.deletion_requested' }, end]);
  });

  it('of its members', async () => {
    const { owner, organization } = await anOrganization(auth);
    const { id } = organization;
    const [ada, grace] = [await join(auth, id, 'viewer'), await join(auth, id, 'member')];
    const entries = watch(id);
    await entries();
    const of = (user: User) => ({ organizationId: id, userId: user.id });
    await auth.rpc.call(changeMemberRole, { ...of(ada), role: 'admin' }, as(owner));
    await auth.rpc.call(removeMember, of(ada), as(owner));
    await auth.rpc.call(leaveOrganization, { organizationId: id }, as(grace));
    const membership = (user: User, by = owner) => ({ by: by.id, type: 'membership', target: user.id });
    expect(await entries()).toMatchObject([
      { ...membership(ada), act: 'member.role_changed', before: { role: 'viewer' }, after: { role: 'admin' } },
      { ...membership(ada), act: 'member.removed', before: { role: 'admin' } },
      { ...membership(grace, grace), act: 'member.left', before: { role: 'member' } },
    ]);
  });

  it('of its roles', async () => {
    const { owner, organization } = await anOrganization(auth);
    const which = { organizationId: organization.id };
    const entries = watch(organization.id);
    await entries();
    const first = { name: 'Auditor', permissions: ['audit:read' as const] };
    const second = { ...first, name: 'Reader' };
    const { id } = await auth.rpc.call(createRole, { ...which, ...first }, as(owner));
    await auth.rpc.call(updateRole, { ...which, roleId: id, name: 'Reader' }, as(owner));
    await auth.rpc.call(deleteRole, { ...which, roleId: id }, as(owner));
    const about = { by: owner.id, type: 'role', target: id };
    expect(await entries()).toMatchObject([
      { ...about, act: 'role.created', after: first },
      { ...about, act: 'role.updated', before: first, after: second },
      { ...about, act: 'role.deleted', before: second },
    ]);
  });

  it('of its ownership', async () => {
    const { owner, organization } = await anOrganization(auth);
    const which = { organizationId: organization.id };
    const heir = await join(auth, organization.id, 'member');
    const entries = watch(organization.id);
    await entries();
    const offer = () => auth.rpc.call(offerOwnership, { ...which, userId: heir.id }, as(owner));
    await offer();
    await auth.rpc.call(withdrawOwnership, which, as(owner));
    await offer();
    await auth.rpc.call(declineOwnership, which, as(heir));
    await offer();
    await auth.rpc.call(acceptOwnership, which, as(heir));
    const about = { type: 'membership', target: heir.id, after: { fromUserId: owner.id, toUserId: heir.id } };
    expect(await entries()).toMatchObject([
      { ...about, act: 'ownership.offered', by: owner.id },
      { ...about, act: 'ownership.withdrawn', by: owner.id },
      { ...about, act: 'ownership.offered', by: owner.id },
      { ...about, act: 'ownership.declined', by: heir.id },
      { ...about, act: 'ownership.offered', by: owner.id },
      { ...about, act: 'ownership.accepted', by: heir.id },
    ]);
  });

  it('and nothing that was refused', async () => {
    const { owner, organization } = await anOrganization(auth);
    const which = { organizationId: organization.id };
    const viewer = await join(auth, organization.id, 'viewer');
    const entries = watch(organization.id);
    await entries();
    const refusals = [
      auth.rpc.call(renameOrganization, { ...which, name: 'Mine' }, as(viewer)),
      auth.rpc.call(leaveOrganization, which, as(owner)),
      auth.rpc.call(acceptOwnership, which, as(viewer)),
      auth.rpc.call(deleteOrganization, which, as(await auth.aUser())),
    ];
    for (const refusal of refusals) expect(await outcome(refusal)).not.toBe('ok');
    expect(await entries()).toEqual([]);
  });
});
