import { listMembers, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { pageRequest, type PageRequest } from '#libs/validation';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';

@Controller('api/v1/organizations/:id/members')
export class MemberController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'The members of an organisation',
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
}
