import { BaseEntity, execute, queryPrepared, queryRows } from '#libs/database';
import { Check, Column, Entity, Index, Unique, type EntityManager } from 'typeorm';
import { z } from 'zod';

@Entity('organizations')
@Unique(['slug'])
@Check('organizations_seat_limit_check', 'seat_limit > 0')
@Check('organizations_check', '(deletion_requested_at IS NULL) = (delete_after IS NULL)')
@Index('organizations_slug_prefix_idx', { synchronize: false })
@Index('organizations_name_prefix_idx', { synchronize: false })
@Index('organizations_delete_after_idx', ['deleteAfter'], { where: 'delete_after IS NOT NULL' })
export class OrganizationRecord extends BaseEntity {
  @Column('text') name!: string;
  @Column('text') slug!: string;
  /** The id of the logo in the object store. */
  @Column('uuid', { nullable: true }) logoObject!: string | null;
  /** Null means unlimited. */
  @Column('int', { nullable: true }) seatLimit!: number | null;
  /** The version of billing's last change. */
  @Column('int', { default: 0 }) seatLimitVersion!: number;
  @Column('timestamptz', { nullable: true }) suspendedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) deletionRequestedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) deleteAfter!: Date | null;
  /** PostgreSQL generates the lower-case name for the search. */
  @Column({
    type: 'text',
    nullable: true,
    generatedType: 'STORED',
    asExpression: 'lower(name)',
    insert: false,
    update: false,
  })
  nameKey!: string | null;
}

const lock = {
  name: 'lock-organization',
  sql: 'SELECT 1 FROM organizations WHERE id = $1 FOR NO KEY UPDATE',
  row: z.unknown(),
};

/**
 * No one else can change roles in the organization until the transaction ends. Rows that refer to it can still be
 * added.
 */
export async function lockOrganization(manager: EntityManager, organizationId: string): Promise<void> {
  await queryPrepared(manager, lock, [organizationId]);
}

/** @returns whether the slug was free */
export async function insertOrganization(
  manager: EntityManager,
  { id, name, slug }: Pick<OrganizationRecord, 'id' | 'name' | 'slug'>,
): Promise<boolean> {
  const sql = 'INSERT INTO organizations (id, name, slug) VALUES ($1, $2, $3) ON CONFLICT (slug) DO NOTHING';
  return (await execute(manager, sql, [id, name, slug])) === 1;
}

type Changes = Partial<Pick<OrganizationRecord, 'name' | 'logoObject'>>;

export async function updateOrganization(manager: EntityManager, id: string, changes: Changes): Promise<void> {
  await manager.update(OrganizationRecord, { id }, changes);
}

/** @returns whether it changed */
export async function setSuspended(manager: EntityManager, id: string, isSuspended: boolean): Promise<boolean> {
  const sql = `UPDATE organizations SET suspended_at = CASE WHEN $2 THEN now() END, updated_at = now()
    WHERE id = $1 AND (suspended_at IS NULL) = $2`;
  return (await execute(manager, sql, [id, isSuspended])) === 1;
}

/**
 * A repeated request keeps the first date.
 * @returns when the organization will be erased; undefined if it was already requested
 */
export async function requestDeletion(
  manager: EntityManager,
  id: string,
  graceDays: number,
): Promise<Date | undefined> {
  const sql = `UPDATE organizations
    SET deletion_requested_at = now(), delete_after = now() + make_interval(days => $2), updated_at = now()
    WHERE id = $1 AND delete_after IS NULL RETURNING delete_after AS "deleteAfter"`;
  return (await queryRows(manager, sql, [id, graceDays], z.object({ deleteAfter: z.date() })))[0]?.deleteAfter;
}

export async function takeDeletionBack(manager: EntityManager, id: string): Promise<void> {
  await manager.update(OrganizationRecord, { id }, { deletionRequestedAt: null, deleteAfter: null });
}

export async function deleteOrganizationNow(manager: EntityManager, id: string): Promise<void> {
  await manager.delete(OrganizationRecord, { id });
}

/** Ignores changes that are older than the last one. */
export async function setSeatLimit(
  manager: EntityManager,
  id: string,
  seatLimit: number | null,
  version: number,
): Promise<void> {
  const sql = `UPDATE organizations SET seat_limit = $2, seat_limit_version = $3 WHERE id = $1 AND seat_limit_version < $3`;
  await execute(manager, sql, [id, seatLimit, version]);
}
