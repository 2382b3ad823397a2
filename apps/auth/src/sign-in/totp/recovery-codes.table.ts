import { execute } from '#libs/database';
import { createHash, randomBytes } from 'node:crypto';
import { Column, Entity, ForeignKey, PrimaryColumn, type EntityManager } from 'typeorm';
import { User } from '../../account/user/users.table';
import { base32 } from './base32';

/** A code that replaces the authenticator app once. */
@Entity('recovery_codes')
export class RecoveryCode {
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') userId!: string;
  @PrimaryColumn('text') hash!: string;
  @Column('timestamptz', { nullable: true }) usedAt!: Date | null;
}

const howMany = 10;
/** 120 random bits per code. From 112 bits on, a fast hash is enough (OWASP ASVS 5.0, 6.5.2). */
const bytes = 15;

/** Replaces the codes in the caller's transaction. They are shown once and stored as hashes. */
export async function newRecoveryCodes(manager: EntityManager, userId: string): Promise<string[]> {
  const codes = Array.from({ length: howMany }, () => base32(randomBytes(bytes)));
  await removeRecoveryCodes(manager, userId);
  await execute(manager, 'INSERT INTO recovery_codes (user_id, hash) SELECT $1, unnest($2::text[])', [
    userId,
    codes.map((code) => hashOf(userId, code)),
  ]);
  return codes.map((code) => code.replaceAll(/(?<=.)(?=(?:.{4})+$)/g, '-'));
}

/** Consumes a code. Only one of two concurrent calls gets true. */
export async function useRecoveryCode(manager: EntityManager, userId: string, code: string): Promise<boolean> {
  const used = await execute(
    manager,
    'UPDATE recovery_codes SET used_at = now() WHERE user_id = $1 AND hash = $2 AND used_at IS NULL',
    [userId, hashOf(userId, code)],
  );
  return used === 1;
}

export async function removeRecoveryCodes(manager: EntityManager, userId: string): Promise<void> {
  await manager.delete(RecoveryCode, { userId });
}

function hashOf(userId: string, code: string): string {
  return createHash('sha256').update(`recovery-code\0${userId}\0${code}`).digest('base64url');
}
