import { columnsOf, execute, queryRows } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { Column, CreateDateColumn, Entity, ForeignKey, IsNull, PrimaryColumn, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { User } from '../../account/user/users.table';
import { totpStepOf } from './totp';

/** The authenticator app of an account. It counts after its first code was confirmed. */
@Entity('totp_credentials')
export class TotpCredential {
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') userId!: string;
  /** Fernet-encrypted. */
  @Column('text') secret!: string;
  @Column('timestamptz', { nullable: true }) confirmedAt!: Date | null;
  @Column('bigint', { default: 0 }) lastUsedStep!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

const stored = columnsOf(TotpCredential, ['secret', 'confirmedAt']);

/**
 * Replaces an unconfirmed one.
 * @param secret encrypted
 * @returns false if one is confirmed
 */
export async function beginCredential(manager: EntityManager, userId: string, secret: string): Promise<boolean> {
  const sql = `INSERT INTO totp_credentials AS totp (user_id, secret) VALUES ($1, $2)
    ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = now(), last_used_step = 0
    WHERE totp.confirmed_at IS NULL`;
  return (await execute(manager, sql, [userId, secret])) === 1;
}

/** @returns whether it was not confirmed before */
export async function confirmCredential(manager: EntityManager, userId: string): Promise<boolean> {
  const unconfirmed = { userId, confirmedAt: IsNull() };
  return (await manager.update(TotpCredential, unconfirmed, { confirmedAt: () => 'now()' })).affected === 1;
}

/** @param since removes it only if it was confirmed, or begun, since then @returns whether it was removed */
export async function removeCredential(manager: EntityManager, userId: string, since: Date | null): Promise<boolean> {
  const sql = `DELETE FROM totp_credentials
    WHERE user_id = $1 AND ($2::timestamptz IS NULL OR coalesce(confirmed_at, created_at) >= $2)`;
  return (await execute(manager, sql, [userId, since])) === 1;
}

const findSql = `SELECT ${stored.list} FROM totp_credentials WHERE user_id = $1`;

@Injectable()
export class TotpCodes {
  constructor(private readonly fernet: Fernet) {}

  async state(manager: EntityManager, userId: string): Promise<'none' | 'begun' | 'confirmed'> {
    const credential = await this.find(manager, userId);
    if (credential === undefined) return 'none';
    return credential.confirmedAt === null ? 'begun' : 'confirmed';
  }

  /**
   * Consumes a code and stores its time step, so that neither it nor an older code works again (RFC 6238 section
   * 5.2).
   * @returns whether it was valid; only one of two concurrent calls gets true
   */
  async use(manager: EntityManager, userId: string, code: string): Promise<boolean> {
    const credential = await this.find(manager, userId);
    if (credential === undefined) return false;
    const step = totpStepOf(this.fernet.decrypt(credential.secret), code);
    if (step === null) return false;
    const used = await execute(
      manager,
      'UPDATE totp_credentials SET last_used_step = $2 WHERE user_id = $1 AND last_used_step < $2 AND secret = $3',
      [userId, step, credential.secret],
    );
    return used === 1;
  }

  private async find(manager: EntityManager, userId: string): Promise<z.output<typeof stored.row> | undefined> {
    return (await queryRows(manager, findSql, [userId], stored.row))[0];
  }
}
