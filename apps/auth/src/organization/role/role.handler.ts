import {
  createRole,
  deleteRole,
  listRoles,
  updateRole,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { RoleService } from './role.service';

@Controller()
export class RoleHandler {
  constructor(private readonly roles: RoleService) {}

  @Handles(listRoles)
  list(
    { organizationId }: RequestOf<typeof listRoles>,
    context: ContextOf<typeof listRoles>,
  ): Promise<ResponseInput<typeof listRoles>> {
    return this.roles.list(context, organizationId);
  }

  @Handles(createRole)
  create(
    wish: RequestOf<typeof createRole>,
    context: ContextOf<typeof createRole>,
  ): Promise<ResponseInput<typeof createRole>> {
    return this.roles.create(context, wish);
  }

  @Handles(updateRole)
  update(
    changes: RequestOf<typeof updateRole>,
    context: ContextOf<typeof updateRole>,
  ): Promise<ResponseInput<typeof updateRole>> {
    return this.roles.update(context, changes);
  }

  @Handles(deleteRole)
  remove(
    which: RequestOf<typeof deleteRole>,
    context: ContextOf<typeof deleteRole>,
  ): Promise<ResponseInput<typeof deleteRole>> {
    return this.roles.remove(context, which);
  }
}
