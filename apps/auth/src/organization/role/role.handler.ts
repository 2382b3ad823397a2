import {
  builtInRole,
  createRole,
  deleteRole,
  invalidField,
  listRoles,
  ProblemError,
  required,
  updateRole,
  type ContextOf,
  type RequestOf,
  type ResponseOf,
  type Role as RoleView,
} from '#libs/contracts';
import { isUniqueViolation, newId, queryRows } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import {
  customRoles,
  deleteRoleOf,
  insertRole,
  roleOf,
  updateRoleTo,
  type Role,
} from '../organization/organization-roles.table';
import { forgetRole, isPending } from '../invitation/invitations.table';
import { builtInLookAlike, looksLike } from './look-alike';
import { findRole, requireAll } from '../organization/roles';

const mostRoles = 50;

/** Custom roles. Every change locks the organization, so that no one gets a role that is being deleted or extended. */
@Controller()
export class RoleHandler {
  constructor(private readonly access: OrganizationAccess) {}

  @Handles(listRoles)
  async list(
    { organizationId }: RequestOf<typeof listRoles>,
    context: ContextOf<typeof listRoles>,
  ): Promise<ResponseOf<typeof listRoles>> {
    const own = await this.access.run(context, listRoles, organizationId, ({ manager }) =>
      customRoles(manager, organizationId),
    );
    const builtIn = builtInRole.options.map((role) => roleOf({ role }));
    return { data: [...builtIn, ...own].map(viewOf) };
  }

  /**
   * @throws ProblemError `limit_reached`; `permission_denied` for a permission that the caller lacks;
   * `validation_failed` for a taken name
   */
  @Handles(createRole)
  create(wish: RequestOf<typeof createRole>, context: ContextOf<typeof createRole>): Promise<RoleView> {
    const { organizationId, name, permissions } = wish;
    return this.access.runLocked(context, createRole, organizationId, async (tenant) => {
      requireAll(tenant, permissions);
      const others = await customRoles(tenant.manager, organizationId);
      if (others.length >= mostRoles) throw new ProblemError('limit_reached');
      refuseLookAlike(name, others);
      const id = newId();
      await orNameTaken(insertRole(tenant.manager, { id, organizationId, name, permissions }));
      await tenant.record('role.created', { type: 'role', id }, { after: { name, permissions } });
      return viewOf({ reference: id, name, permissions });
    });
  }

  /** @throws ProblemError `permission_denied` unless the caller has every permission of the role, before and after */
  @Handles(updateRole)
  update(
    { organizationId, roleId, ...changes }: RequestOf<typeof updateRole>,
    context: ContextOf<typeof updateRole>,
  ): Promise<RoleView> {
    return this.access.runLocked(context, updateRole, organizationId, async (tenant) => {
      const before = await manageable(tenant, roleId);
      const { name = before.name, permissions = before.permissions } = changes;
      requireAll(tenant, permissions);
      if (changes.name !== undefined) await this.requireDistinct(tenant, roleId, changes.name);
      await orNameTaken(updateRoleTo(tenant.manager, { id: roleId, organizationId, name, permissions }));
      await tenant.record(
        'role.updated',
        { type: 'role', id: roleId },
        { before: shown(before), after: { name, permissions } },
      );
      return viewOf({ reference: roleId, name, permissions });
    });
  }

  /** @throws ProblemError `role_in_use` */
  @Handles(deleteRole)
  remove(
    { organizationId, roleId }: RequestOf<typeof deleteRole>,
    context: ContextOf<typeof deleteRole>,
  ): Promise<null> {
    return this.access.runLocked(context, deleteRole, organizationId, async (tenant) => {
      const before = await manageable(tenant, roleId);
      const [use] = await queryRows(tenant.manager, uses, [organizationId, roleId], z.unknown());
      if (use !== undefined) throw new ProblemError('role_in_use');
      await forgetRole(tenant.manager, organizationId, roleId);
      await deleteRoleOf(tenant.manager, organizationId, roleId);
      await tenant.record('role.deleted', { type: 'role', id: roleId }, { before: shown(before) });
      return null;
    });
  }

  private async requireDistinct({ manager, organizationId }: Tenant, roleId: string, name: string): Promise<void> {
    const roles = await customRoles(manager, organizationId);
    refuseLookAlike(
      name,
      roles.filter(({ reference }) => reference !== roleId),
    );
  }
}

const shown = ({ name, permissions }: Role) => ({ name, permissions });

const uses = `
  SELECT 1 FROM memberships WHERE organization_id = $1 AND custom_role_id = $2
  UNION ALL
  SELECT 1 FROM invitations WHERE organization_id = $1 AND custom_role_id = $2
    AND ${isPending}
  LIMIT 1`;

/** @throws ProblemError `not_found`; `permission_denied` if the role has permissions that the caller lacks */
async function manageable(tenant: Tenant, roleId: string): Promise<Role> {
  const role = required(await findRole(tenant.manager, tenant.organizationId, roleId), 'not_found');
  requireAll(tenant, role.permissions);
  return role;
}

/** @throws ProblemError `validation_failed` if the name could be mistaken for another role's */
function refuseLookAlike(name: string, others: readonly Role[]): void {
  const taken = builtInLookAlike(name) ?? others.find((other) => looksLike(name, other.name))?.name;
  if (taken === undefined) return;
  const message = `This name looks too much like the role ${taken}. Choose a different name.`;
  throw invalidField('name', 'name_taken', message);
}

async function orNameTaken(change: Promise<unknown>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const message = 'Another role of the organization has this name.';
    throw invalidField('name', 'name_taken', message, error);
  }
}

function viewOf({ reference, name, permissions }: Role): RoleView {
  return { id: reference, name, builtIn: builtInRole.safeParse(reference).success, permissions: [...permissions] };
}
