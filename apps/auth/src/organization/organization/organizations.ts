import { builtInRole, builtInRoles, permission, type Permission, type RoleReference } from '#libs/contracts';
import { queryPrepared } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

/** Of `memberships`, and of the `organization_roles` that are joined to them. */
export const roleColumns = `
  memberships.role, custom_role_id AS "customRoleId", organization_roles.name AS "customRoleName",
  organization_roles.permissions AS "customPermissions"`;

export const joinRoles = `LEFT JOIN organization_roles
  ON organization_roles.organization_id = memberships.organization_id AND organization_roles.id = custom_role_id`;

/** A permission that the catalogue no longer has allows nothing. */
export const knownPermissions = z
  .array(z.string())
  .transform((names) => permission.options.filter((each) => names.includes(each)));

const customRole = {
  role: z.literal('custom'),
  customRoleId: z.uuid(),
  customRoleName: z.string(),
  customPermissions: knownPermissions,
};

/** A member's role as its row has it. */
export const memberRole = z.union([z.object({ role: builtInRole }), z.object(customRole)]);
export type MemberRole = z.output<typeof memberRole>;

export interface Role {
  readonly reference: RoleReference;
  readonly name: string;
  readonly permissions: readonly Permission[];
}

export function roleOf(row: MemberRole): Role {
  if (row.role !== 'custom') return { reference: row.role, name: row.role, permissions: builtInRoles[row.role] };
  return { reference: row.customRoleId, name: row.customRoleName, permissions: row.customPermissions };
}

const organizationColumns = `
  organizations.id, organizations.name, slug, logo_object AS "logoObject", suspended_at AS "suspendedAt",
  delete_after AS "deleteAfter", organizations.created_at AS "createdAt"`;

const organization = z.object({
  id: z.uuid(),
  name: z.string(),
  slug: z.string(),
  logoObject: z.uuid().nullable(),
  suspendedAt: z.date().nullable(),
  deleteAfter: z.date().nullable(),
  createdAt: z.date(),
});

/** An organization, and what one of its members is in it. */
const membership = organization.and(memberRole);
export type Membership = z.output<typeof membership>;

const memberships = `
  SELECT ${organizationColumns}, ${roleColumns}
  FROM memberships JOIN organizations ON organizations.id = memberships.organization_id ${joinRoles}`;

const one = {
  name: 'membership',
  sql: `${memberships} WHERE memberships.organization_id = $1 AND user_id = $2`,
  row: membership,
};

/** Only owners may restore what is being deleted; for all others it is gone already. */
const ofPerson = {
  name: 'memberships-of-person',
  sql: `${memberships}
    WHERE user_id = $1 AND ($2::uuid IS NULL OR memberships.organization_id < $2)
      AND (delete_after IS NULL OR memberships.role = 'owner')
    ORDER BY memberships.organization_id DESC LIMIT $3`,
  row: membership,
};

export async function membershipOf(
  manager: EntityManager,
  organizationId: string,
  userId: string,
): Promise<Membership | undefined> {
  return (await queryPrepared(manager, one, [organizationId, userId]))[0];
}

/** @param after the organization that the page before ended with */
export function membershipsOf(
  manager: EntityManager,
  userId: string,
  after: string | null,
  limit: number,
): Promise<Membership[]> {
  return queryPrepared(manager, ofPerson, [userId, after, limit]);
}

const lock = {
  name: 'lock-organization',
  sql: 'SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE',
  row: z.unknown(),
};

/** Until the transaction ends nobody else changes who is what in the organization; rows that refer to it may still come. */
export async function lockOrganization(manager: EntityManager, organizationId: string): Promise<void> {
  await queryPrepared(manager, lock, [organizationId]);
}
