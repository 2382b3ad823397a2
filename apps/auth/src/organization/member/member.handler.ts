import {
  changeMemberRole,
  leaveOrganization,
  listMembers,
  removeMember,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { MemberService } from './member.service';

@Controller()
export class MemberHandler {
  constructor(private readonly members: MemberService) {}

  @Handles(listMembers)
  list(
    page: RequestOf<typeof listMembers>,
    context: ContextOf<typeof listMembers>,
  ): Promise<ResponseInput<typeof listMembers>> {
    return this.members.list(context, page);
  }

  @Handles(changeMemberRole)
  changeRole(
    change: RequestOf<typeof changeMemberRole>,
    context: ContextOf<typeof changeMemberRole>,
  ): Promise<ResponseInput<typeof changeMemberRole>> {
    return this.members.changeRole(context, change);
  }

  @Handles(removeMember)
  remove(
    who: RequestOf<typeof removeMember>,
    context: ContextOf<typeof removeMember>,
  ): Promise<ResponseInput<typeof removeMember>> {
    return this.members.remove(context, who);
  }

  @Handles(leaveOrganization)
  leave(
    { organizationId }: RequestOf<typeof leaveOrganization>,
    context: ContextOf<typeof leaveOrganization>,
  ): Promise<ResponseInput<typeof leaveOrganization>> {
    return this.members.leave(context, organizationId);
  }
}
