import {
  createRole,
  deleteRole,
  listRoles,
  roleChanges,
  updateRole,
  type ResponseOf,
  type Role,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { uuid } from '#libs/validation';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { organizationPath, type OrganizationPath } from '../organization/organization-id';

const rolePath = organizationPath.extend({ roleId: uuid });
type RolePath = z.output<typeof rolePath>;
const wish = createRole.request.omit({ organizationId: true });

@Controller('api/v1/organizations/:id/roles')
export class RoleController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({ summary: 'The roles that members may have', contract: listRoles, status: 200 })
  @Get()
  list(@Param({ schema: organizationPath }) { id }: OrganizationPath): Promise<ResponseOf<typeof listRoles>> {
    return this.rpc.call(listRoles, { organizationId: id });
  }

  @Authenticated()
  @Operation({
    summary: 'Make a custom role',
    description: 'Out of permissions that you have yourself.',
    contract: createRole,
    status: 201,
    errors: ['csrf_failed'],
  })
  @Post()
  create(
    @Param({ schema: organizationPath }) { id }: OrganizationPath,
    @Body({ schema: wish }) role: z.output<typeof wish>,
  ): Promise<Role> {
    return this.rpc.call(createRole, { organizationId: id, ...role });
  }

  @Authenticated()
  @Operation({
    summary: 'Change a custom role',
    description: 'What it allows changes at once for everybody who has it.',
    contract: updateRole,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Patch(':roleId')
  update(
    @Param({ schema: rolePath }) { id, roleId }: RolePath,
    @Body({ schema: roleChanges }) changes: z.output<typeof roleChanges>,
  ): Promise<Role> {
    return this.rpc.call(updateRole, { organizationId: id, roleId, changes });
  }

  @Authenticated()
  @Operation({
    summary: 'Delete a custom role that nobody has',
    contract: deleteRole,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':roleId')
  async remove(@Param({ schema: rolePath }) { id, roleId }: RolePath): Promise<void> {
    await this.rpc.call(deleteRole, { organizationId: id, roleId });
  }
}
