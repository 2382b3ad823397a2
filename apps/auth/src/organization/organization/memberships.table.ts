import { columnsOf, execute, queryPrepared } from '#libs/database';
import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { User } from '../../account/user/users.table';
import { joinRolesOf, memberRole, OrganizationRole, roleColumnsOf } from './organization-roles.table';
import { OrganizationRecord } from './organizations.table';

@Entity('memberships')
@Check('memberships_role_check', "role IN ('owner', 'admin', 'member', 'viewer', 'custom')")
@Check('memberships_check', "(role = 'custom') = (custom_role_id IS NOT NULL)")
@ForeignKey(() => OrganizationRole, ['organizationId', 'customRoleId'], ['organizationId', 'id'], {
  deferrable: 'INITIALLY DEFERRED',
})
@Index('memberships_user_id_idx', ['userId', 'organizationId'])
@Index('memberships_owner_idx', ['organizationId'], { where: "role = 'owner'" })
@Index('memberships_custom_role_idx', ['organizationId', 'customRoleId'], { where: 'custom_role_id IS NOT NULL' })
export class MembershipRecord {
  @ForeignKey(() => OrganizationRecord, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') organizationId!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') userId!: string;
  @Column('text') role!: string;
  @Column('uuid', { nullable: true }) customRoleId!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

const organization = columnsOf(OrganizationRecord, [
  ...(['id', 'name', 'slug', 'logoObject', 'suspendedAt', 'deleteAfter', 'createdAt'] as const),
]);

/** An organization with the role of one of its members. */
const membership = organization.row.and(memberRole);
export type Membership = z.output<typeof membership>;

const memberships = `
  SELECT ${organization.list}, ${roleColumnsOf('memberships')}
  FROM memberships JOIN organizations ON organizations.id = memberships.organization_id ${joinRolesOf('memberships')}`;

const one = {
  name: 'membership',
  sql: `${memberships} WHERE memberships.organization_id = $1 AND user_id = $2`,
  row: membership,
};

/** Only owners can restore an organization that is being deleted. For others it is already gone. */
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

export function membershipsOf(
  manager: EntityManager,
  userId: string,
  after: string | null,
  limit: number,
): Promise<Membership[]> {
  return queryPrepared(manager, ofPerson, [userId, after, limit]);
}

type Place = Pick<MembershipRecord, 'organizationId' | 'userId'>;
export type GivenRole = Pick<MembershipRecord, 'role' | 'customRoleId'>;

/** @returns whether the user was not a member before */
export async function insertMembership(
  manager: EntityManager,
  { organizationId, userId }: Place,
  { role, customRoleId }: GivenRole,
): Promise<boolean> {
  const sql = `INSERT INTO memberships (organization_id, user_id, role, custom_role_id) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING`;
  return (await execute(manager, sql, [organizationId, userId, role, customRoleId])) === 1;
}

export async function setRole(
  manager: EntityManager,
  { organizationId, userId }: Place,
  { role, customRoleId }: GivenRole,
): Promise<void> {
  await manager.update(MembershipRecord, { organizationId, userId }, { role, customRoleId });
}

export async function deleteMembership(manager: EntityManager, { organizationId, userId }: Place): Promise<void> {
  await manager.delete(MembershipRecord, { organizationId, userId });
}
