import { columnsOf, execute, newId, queryRows } from '#libs/database';
import {
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  MoreThanOrEqual,
  PrimaryColumn,
  Unique,
  type EntityManager,
} from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import type { VerifiedIdentity } from '../oidc/claims';

export const mostIdentities = 10;

/** A user's identity at another provider. */
@Entity('identities')
@Unique(['issuer', 'subject'])
export class Identity {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Index() @Column('uuid') userId!: string;
  @Column('text') provider!: string;
  @Column('text') issuer!: string;
  @Column('text') subject!: string;
  /** From the issuer. It does not identify the account. */
  @Column('text', { nullable: true }) email!: string | null;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastUsedAt!: Date;
}

const owned = columnsOf(Identity, ['userId']);
const listed = columnsOf(Identity, ['id', 'provider', 'email', 'createdAt', 'lastUsedAt']);

const identitiesOfSql = `SELECT ${listed.list} FROM identities WHERE user_id = $1 ORDER BY id`;

/** Oldest first. */
export function identitiesOf(manager: EntityManager, userId: string) {
  return queryRows(manager, identitiesOfSql, [userId], listed.row);
}

/** @returns the provider; undefined if the user has no such identity */
export async function removeIdentityOf(
  manager: EntityManager,
  userId: string,
  id: string,
): Promise<string | undefined> {
  const sql = 'DELETE FROM identities WHERE id = $1 AND user_id = $2 RETURNING provider';
  return (await queryRows(manager, sql, [id, userId], z.object({ provider: z.string() })))[0]?.provider;
}

export async function removeIdentitiesSince(manager: EntityManager, userId: string, since: Date): Promise<void> {
  await manager.delete(Identity, { userId, createdAt: MoreThanOrEqual(since) });
}

const useIdentitySql = `UPDATE identities SET last_used_at = now(), email = $3 WHERE issuer = $1 AND subject = $2 RETURNING ${owned.list}`;

/** Records the use of an identity and its current email address. Returns the user's id. */
export async function useIdentity(
  manager: EntityManager,
  { issuer, subject, email }: VerifiedIdentity,
): Promise<string | undefined> {
  const [known] = await queryRows(manager, useIdentitySql, [issuer, subject, email], owned.row);
  return known?.userId;
}

const ownerOfIdentitySql = `SELECT ${owned.list} FROM identities WHERE issuer = $1 AND subject = $2`;

/**
 * Returns the user's id without a lock. Linking holds the user's row, and a sign-in waits for it while it holds
 * the identity's row.
 */
export async function ownerOfIdentity(
  manager: EntityManager,
  { issuer, subject }: VerifiedIdentity,
): Promise<string | undefined> {
  return (await queryRows(manager, ownerOfIdentitySql, [issuer, subject], owned.row))[0]?.userId;
}

/** @returns false if it is already linked; only one of two concurrent calls gets true */
export async function addIdentity(
  manager: EntityManager,
  userId: string,
  provider: string,
  { issuer, subject, email }: VerifiedIdentity,
): Promise<boolean> {
  const added = await execute(
    manager,
    `INSERT INTO identities (id, user_id, provider, issuer, subject, email) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (issuer, subject) DO NOTHING`,
    [newId(), userId, provider, issuer, subject, email],
  );
  return added === 1;
}

export function hasIdentityAt(manager: EntityManager, userId: string, provider: string): Promise<boolean> {
  return manager.existsBy(Identity, { userId, provider });
}

export function countIdentities(manager: EntityManager, userId: string): Promise<number> {
  return manager.countBy(Identity, { userId });
}
