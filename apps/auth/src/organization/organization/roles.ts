import {
  builtInRole,
  invalidField,
  ProblemError,
  type BuiltInRole,
  type Permission,
  type RoleReference,
} from '#libs/contracts';
import type { EntityManager } from 'typeorm';
import type { Tenant } from './organization-access';
import { customRole, roleOf, type Role } from './organization-roles.table';

/** A role, and how rows that have it say so. */
export interface StoredRole extends Role {
  readonly role: BuiltInRole | 'custom';
  readonly customRoleId: string | null;
}

export async function findRole(
  manager: EntityManager,
  organizationId: string,
  reference: RoleReference,
): Promise<StoredRole | undefined> {
  const builtIn = builtInRole.safeParse(reference);
  if (builtIn.success) return { ...roleOf({ role: builtIn.data }), role: builtIn.data, customRoleId: null };
  const found = await customRole(manager, organizationId, reference);
  return found && { ...found, role: 'custom', customRoleId: found.reference };
}

/**
 * A role that the tenant's person may give.
 * @throws ProblemError `validation_failed` when there is no such role; `permission_denied` when it may more than theirs
 */
export async function roleToGive(tenant: Tenant, reference: RoleReference): Promise<StoredRole> {
  const role = await findRole(tenant.manager, tenant.organizationId, reference);
  if (role === undefined) throw invalidField('role', 'unknown_role', 'There is no such role in the organization.');
  requireAll(tenant, role.permissions);
  return role;
}

/** Whoever could give what he has not could have everything. @throws ProblemError `permission_denied` */
export function requireAll(tenant: Tenant, permissions: readonly Permission[]): void {
  if (!permissions.every((each) => tenant.permissions.includes(each))) throw new ProblemError('permission_denied');
}
