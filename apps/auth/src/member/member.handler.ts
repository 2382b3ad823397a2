import { listMembers, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
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
}
