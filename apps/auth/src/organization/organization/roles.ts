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

/** A role, with the columns that store it. */
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
 * Finds a role that the caller can assign.
 * @throws ProblemError `validation_failed` if it does not exist; `permission_denied` if it has permissions that
 * the caller lacks
 */
export async function roleToGive(tenant: Tenant, reference: RoleReference): Promise<StoredRole> {
  const role = await findRole(tenant.manager, tenant.organizationId, reference);
  if (role === undefined) throw invalidField('role', 'unknown_role', 'There is no such role in the organization.');
  requireAll(tenant, role.permissions);
  return role;
}

/**
 * Users who could assign permissions they lack could get every permission.
 * @throws ProblemError `permission_denied`
 */
export function requireAll(tenant: Tenant, permissions: readonly Permission[]): void {
  if (!permissions.every((each) => tenant.permissions.includes(each))) throw new ProblemError('permission_denied');
}
