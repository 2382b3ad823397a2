import { builtInRole, ProblemError, type BuiltInRole, type Permission, type RoleReference } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Tenant } from '../organization/organization-access';
import { knownPermissions, roleOf, type Role } from '../organization/organizations';

/** A role, and how rows that have it say so. */
export interface StoredRole extends Role {
  readonly role: BuiltInRole | 'custom';
  readonly customRoleId: string | null;
}

const customRole = z.object({ id: z.uuid(), name: z.string(), permissions: knownPermissions });

export async function findRole(
  manager: EntityManager,
  organizationId: string,
  reference: RoleReference,
): Promise<StoredRole | undefined> {
  const builtIn = builtInRole.safeParse(reference);
  if (builtIn.success) return { ...roleOf({ role: builtIn.data }), role: builtIn.data, customRoleId: null };
  const sql = 'SELECT id, name, permissions FROM organization_roles WHERE organization_id = $1 AND id = $2';
  const [found] = await queryRows(manager, sql, [organizationId, reference], customRole);
  if (found === undefined) return undefined;
  const { id, name, permissions } = found;
  return { reference: id, name, permissions, role: 'custom', customRoleId: id };
}

/**
 * A role that the tenant's person may give.
 * @throws ProblemError `validation_failed` when there is no such role; `permission_denied` when it may more than theirs
 */
export async function roleToGive(tenant: Tenant, reference: RoleReference): Promise<StoredRole> {
  const role = await findRole(tenant.manager, tenant.organizationId, reference);
  if (role === undefined) {
    const message = 'There is no such role in the organization.';
    throw new ProblemError('validation_failed', { errors: [{ path: 'role', code: 'unknown_role', message }] });
  }
  requireAll(tenant, role.permissions);
  return role;
}

/** Whoever could give what he has not could have everything. @throws ProblemError `permission_denied` */
export function requireAll(tenant: Tenant, permissions: readonly Permission[]): void {
  if (!permissions.every((each) => tenant.permissions.includes(each))) throw new ProblemError('permission_denied');
}

/** By name. */
export async function customRoles(manager: EntityManager, organizationId: string): Promise<Role[]> {
  const sql = 'SELECT id, name, permissions FROM organization_roles WHERE organization_id = $1 ORDER BY lower(name)';
  const rows = await queryRows(manager, sql, [organizationId], customRole);
  return rows.map(({ id, name, permissions }) => ({ reference: id, name, permissions }));
}
