import { builtInRole, builtInRoles, permission, type Permission, type RoleReference } from '#libs/contracts';
import { columnsOf, queryRows } from '#libs/database';
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  Unique,
  type EntityManager,
} from 'typeorm';
import { z } from 'zod';
import { OrganizationRecord } from './organizations.table';

/** A custom role of an organization. */
@Entity('organization_roles')
@Unique(['organizationId', 'id'])
@Check('organization_roles_permissions_check', "NOT permissions && '{organization:delete,organization:transfer}'")
@Index('organization_roles_name_key', { synchronize: false })
export class OrganizationRole {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => OrganizationRecord, { onDelete: 'CASCADE' }) @Column('uuid') organizationId!: string;
  @Column('text') name!: string;
  @Column('text', { array: true }) permissions!: string[];
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

const custom = columnsOf(OrganizationRole, ['id', 'name', 'permissions']);

/** A permission that no longer exists allows nothing. */
const known = (names: readonly string[]) => permission.options.filter((each) => names.includes(each));

/** Columns of the table that refers to the role, and of the joined `organization_roles`. */
export const roleColumnsOf = (table: 'memberships' | 'invitations') => `
  ${table}.role, custom_role_id AS "customRoleId", organization_roles.name AS "customRoleName",
  organization_roles.permissions AS "customPermissions"`;

export const joinRolesOf = (table: 'memberships' | 'invitations') => `LEFT JOIN organization_roles
  ON organization_roles.organization_id = ${table}.organization_id AND organization_roles.id = custom_role_id`;

/** A member's role as stored. */
export const memberRole = z.union([
  z.object({ role: builtInRole }),
  z.object({
    role: z.literal('custom'),
    customRoleId: z.uuid(),
    customRoleName: z.string(),
    customPermissions: z.array(z.string()).transform(known),
  }),
]);
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

const customRolesSql = `SELECT ${custom.list} FROM organization_roles WHERE organization_id = $1 ORDER BY lower(name)`;

/** Sorted by name. */
export async function customRoles(manager: EntityManager, organizationId: string): Promise<Role[]> {
  return (await queryRows(manager, customRolesSql, [organizationId], custom.row)).map(asRole);
}

const customRoleSql = `SELECT ${custom.list} FROM organization_roles WHERE organization_id = $1 AND id = $2`;

export async function customRole(
  manager: EntityManager,
  organizationId: string,
  id: string,
): Promise<Role | undefined> {
  return (await queryRows(manager, customRoleSql, [organizationId, id], custom.row)).map(asRole)[0];
}

function asRole({ id, name, permissions }: z.output<typeof custom.row>): Role {
  return { reference: id, name, permissions: known(permissions) };
}

type Written = Pick<OrganizationRole, 'id' | 'organizationId' | 'name'> & {
  readonly permissions: readonly Permission[];
};

export async function insertRole(manager: EntityManager, { permissions, ...role }: Written): Promise<void> {
  await manager.insert(OrganizationRole, { ...role, permissions: [...permissions] });
}

export async function updateRoleTo(
  manager: EntityManager,
  { id, organizationId, name, permissions }: Written,
): Promise<void> {
  await manager.update(OrganizationRole, { id, organizationId }, { name, permissions: [...permissions] });
}

export async function deleteRoleOf(manager: EntityManager, organizationId: string, id: string): Promise<void> {
  await manager.delete(OrganizationRole, { organizationId, id });
}
