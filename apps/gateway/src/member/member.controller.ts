import {
  changeMemberRole,
  leaveOrganization,
  listMembers,
  removeMember,
  type Member,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { pageRequest, type PageRequest, uuid } from '#libs/validation';
import { Body, Controller, Delete, Get, Param, Patch, Query } from '@nestjs/common';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';

const memberPath = organizationPath.extend({ userId: uuid });
type MemberPath = z.output<typeof memberPath>;
const change = changeMemberRole.request.pick({ role: true });

@Controller('api/v1/organizations/:id/members')
export class MemberController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'The members of an organization',
    description: 'Those whose accounts are newest come first.',
    contract: listMembers,
    status: 200,
  })
  @Get()
  list(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Query({ schema: pageRequest }) page: PageRequest,
  ): Promise<ResponseOf<typeof listMembers>> {
    return this.rpc.call(listMembers, { organizationId: id, ...page });
  }

  @Authenticated()
  @Operation({
    summary: 'Leave an organization',
    description: 'The only owner cannot: make somebody else an owner first, or delete the organization.',
    contract: leaveOrganization,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete('me')
  async leave(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<void> {
    await this.rpc.call(leaveOrganization, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'Give a member another role',
    description: 'Neither the old nor the new role may allow what your own does not.',
    contract: changeMemberRole,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Patch(':userId')
  changeRole(
    @Param({ schema: memberPath }) { id, userId }: MemberPath,
    @Body({ schema: change }) { role }: z.output<typeof change>,
  ): Promise<Member> {
    return this.rpc.call(changeMemberRole, { organizationId: id, userId, role });
  }

  @Authenticated()
  @Operation({ summary: 'Remove a member', contract: removeMember, status: 204, errors: ['csrf_failed'] })
  @Delete(':userId')
  async remove(@Param({ schema: memberPath }) { id, userId }: MemberPath): Promise<void> {
    await this.rpc.call(removeMember, { organizationId: id, userId });
  }
}
