import { columnsOf, execute, queryRows } from '#libs/database';
import { Check, Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { User } from '../../account/user/users.table';
import { OrganizationRecord } from '../organization/organizations.table';

/** An owner's offer of the ownership to another member. */
@Entity('ownership_transfers')
@Check('ownership_transfers_check', 'from_user_id <> to_user_id')
export class OwnershipTransferRecord {
  @ForeignKey(() => OrganizationRecord, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') organizationId!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Index() @Column('uuid') fromUserId!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Index() @Column('uuid') toUserId!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Index() @Column('timestamptz') expiresAt!: Date;
}

const transfer = columnsOf(OwnershipTransferRecord, ['fromUserId', 'toUserId', 'createdAt', 'expiresAt']);
export type Transfer = z.output<typeof transfer.row>;

const pending = 'organization_id = $1 AND ownership_transfers.expires_at > now()';

const pendingTransferSql = `SELECT ${transfer.list} FROM ownership_transfers WHERE ${pending}`;

export async function pendingTransfer(manager: EntityManager, organizationId: string): Promise<Transfer | undefined> {
  return (await queryRows(manager, pendingTransferSql, [organizationId], transfer.row))[0];
}

const insertTransferSql = `INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at)
  VALUES ($1, $2, $3, now() + make_interval(days => $4))
  ON CONFLICT (organization_id) DO UPDATE
    SET from_user_id = $2, to_user_id = $3, created_at = now(), expires_at = excluded.expires_at
    WHERE ownership_transfers.expires_at <= now()
  RETURNING ${transfer.list}`;

/** A new offer replaces an expired one. Returns undefined if one is pending. */
export async function insertTransfer(
  manager: EntityManager,
  { organizationId, fromUserId, toUserId }: Pick<OwnershipTransferRecord, 'organizationId' | 'fromUserId' | 'toUserId'>,
  days: number,
): Promise<Transfer | undefined> {
  return (await queryRows(manager, insertTransferSql, [organizationId, fromUserId, toUserId, days], transfer.row))[0];
}

const takeTransferSql = `DELETE FROM ownership_transfers WHERE ${pending} AND to_user_id = coalesce($2, to_user_id)
  RETURNING ${transfer.list}`;

/**
 * Only one of two concurrent calls gets it.
 * @param toUserId who it must be offered to; null for anyone
 */
export async function takeTransfer(
  manager: EntityManager,
  organizationId: string,
  toUserId: string | null,
): Promise<Transfer | undefined> {
  return (await queryRows(manager, takeTransferSql, [organizationId, toUserId], transfer.row))[0];
}

/** A user who is no owner anymore cannot offer ownership. */
export async function deleteTransferFrom(
  manager: EntityManager,
  organizationId: string,
  userId: string,
): Promise<void> {
  await manager.delete(OwnershipTransferRecord, { organizationId, fromUserId: userId });
}

export async function deleteTransferOf(manager: EntityManager, organizationId: string, userId: string): Promise<void> {
  const sql = 'DELETE FROM ownership_transfers WHERE organization_id = $1 AND $2 IN (from_user_id, to_user_id)';
  await execute(manager, sql, [organizationId, userId]);
}
