import {
  changeMemberRole,
  leaveOrganization,
  listMembers,
  removeMember,
  type ContextOf,
  type Member,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { pageOf, positionOf } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { UserViews } from '../../account/user/user-views';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import { roleOf, type Role } from '../organization/organization-roles.table';
import { setRole } from '../organization/memberships.table';
import { deleteTransferFrom } from '../ownership-transfer/ownership-transfers.table';
import { requireAll, roleToGive } from '../organization/roles';
import { endMembership, memberOf, membersOf, requireAnotherOwner, type MemberRow } from './members';

@Controller()
export class MemberHandler {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly views: UserViews,
  ) {}

  @Handles(listMembers)
  async list(
    { organizationId, limit, cursor }: RequestOf<typeof listMembers>,
    context: ContextOf<typeof listMembers>,
  ): Promise<ResponseOf<typeof listMembers>> {
    const after = positionOf(cursor);
    const rows = await this.access.run(context, listMembers, organizationId, ({ manager }) =>
      membersOf(manager, organizationId, after, limit + 1),
    );
    const { data, nextCursor } = pageOf(rows, limit, (member) => this.viewOf(member));
    return { data: await Promise.all(data), nextCursor };
  }

  /**
   * @throws ProblemError `permission_denied` if the old or new role has permissions that the caller lacks;
   * `last_owner`
   */
  @Handles(changeMemberRole)
  async changeRole(
    { organizationId, userId, role }: RequestOf<typeof changeMemberRole>,
    context: ContextOf<typeof changeMemberRole>,
  ): Promise<Member> {
    const changed = await this.access.runLocked(context, changeMemberRole, organizationId, async (tenant) => {
      const before = await manageable(tenant, userId);
      const given = await roleToGive(tenant, role);
      if (before.role === 'owner' && given.role !== 'owner') await stepDown(tenant, userId);
      await setRole(tenant.manager, { organizationId, userId }, given);
      await tenant.record(
        'member.role_changed',
        { type: 'membership', id: userId },
        {
          before: shownRole(roleOf(before)),
          after: shownRole(given),
        },
      );
      return memberOf(tenant, userId);
    });
    return this.viewOf(changed);
  }

  /**
   * @throws ProblemError `permission_denied` if the member's role has permissions that the caller lacks;
   * `last_owner`
   */
  @Handles(removeMember)
  remove(
    { organizationId, userId }: RequestOf<typeof removeMember>,
    context: ContextOf<typeof removeMember>,
  ): Promise<null> {
    return this.access.runLocked(context, removeMember, organizationId, async (tenant) => {
      const member = await manageable(tenant, userId);
      if (member.role === 'owner') await requireAnotherOwner(tenant, userId);
      await endMembership(tenant, userId);
      await tenant.record('member.removed', { type: 'membership', id: userId }, { before: shownRole(roleOf(member)) });
      return null;
    });
  }

  /** @throws ProblemError `last_owner`, even for the only member, because no one else could delete the organization */
  @Handles(leaveOrganization)
  leave(
    { organizationId }: RequestOf<typeof leaveOrganization>,
    context: ContextOf<typeof leaveOrganization>,
  ): Promise<null> {
    return this.access.runLocked(
      context,
      { ...leaveOrganization, evenSuspended: true },
      organizationId,
      async (tenant) => {
        const { userId, membership, role } = tenant;
        if (membership.role === 'owner') await requireAnotherOwner(tenant, userId);
        await endMembership(tenant, userId);
        await tenant.record('member.left', { type: 'membership', id: userId }, { before: shownRole(role) });
        return null;
      },
    );
  }

  private async viewOf(member: MemberRow): Promise<Member> {
    const role = roleOf(member);
    return {
      userId: member.id,
      name: member.name,
      email: member.email,
      avatarUrl: await this.views.pictureOf(member),
      role: role.reference,
      roleName: role.name,
      joinedAt: member.joinedAt.toISOString(),
    };
  }
}

function shownRole({ reference, name }: Role): { role: string; roleName: string } {
  return { role: reference, roleName: name };
}

async function manageable(tenant: Tenant, userId: string): Promise<MemberRow> {
  const member = await memberOf(tenant, userId);
  requireAll(tenant, roleOf(member).permissions);
  return member;
}

async function stepDown(tenant: Tenant, userId: string): Promise<void> {
  await requireAnotherOwner(tenant, userId);
  await deleteTransferFrom(tenant.manager, tenant.organizationId, userId);
}
