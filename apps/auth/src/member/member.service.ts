import { listMembers, type ContextOf, type Member, type RequestOf, type ResponseOf } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { pageOf, positionOf } from '../list/page';
import { OrganizationAccess } from '../organization/organization-access';
import { joinRoles, memberRole, roleColumns, roleOf } from '../organization/organizations';
import { UserViews } from '../user/user-views';

const person = z.object({
  id: z.uuid(),
  name: z.string(),
  email: z.string(),
  avatarUrl: z.string().nullable(),
  avatarObject: z.uuid().nullable(),
  joinedAt: z.date(),
});
const row = person.and(memberRole);

const members = `
  SELECT users.id, users.name, email, avatar_url AS "avatarUrl", avatar_object AS "avatarObject",
    memberships.created_at AS "joinedAt", ${roleColumns}
  FROM memberships JOIN users ON users.id = user_id ${joinRoles}
  WHERE memberships.organization_id = $1 AND ($2::uuid IS NULL OR user_id < $2)
  ORDER BY user_id DESC LIMIT $3`;

@Injectable()
export class MemberService {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly views: UserViews,
  ) {}

  async list(
    context: ContextOf<typeof listMembers>,
    { organizationId, limit, cursor }: RequestOf<typeof listMembers>,
  ): Promise<ResponseOf<typeof listMembers>> {
    const after = positionOf(cursor);
    const rows = await this.access.run(context, listMembers, organizationId, ({ manager }) =>
      queryRows(manager, members, [organizationId, after, limit + 1], row),
    );
    const { data, nextCursor } = pageOf(rows, limit, (member) => this.viewOf(member));
    return { data: await Promise.all(data), nextCursor };
  }

  private async viewOf(member: z.output<typeof row>): Promise<Member> {
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
