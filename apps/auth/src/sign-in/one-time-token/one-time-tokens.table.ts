import { ProblemError } from '#libs/contracts';
import { columnsOf, execute, queryRows } from '#libs/database';
import { createOneTimeToken, hashVerifier, parseOneTimeToken } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';

/** A token that works once. The token itself is not stored. */
@Entity('one_time_tokens')
export class OneTimeToken {
  @PrimaryColumn('text') selector!: string;
  @Column('text') purpose!: string;
  @Column('text') verifierHash!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Index() @Column('uuid') userId!: string;
  @Column('jsonb') data!: unknown;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Index() @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) usedAt!: Date | null;
}

/** What a token is for. A token of another kind is not accepted. */
export interface TokenKind<Data extends z.ZodType> {
  /** Part of the stored hash. */
  readonly purpose: string;
  readonly lifeSeconds: number;
  /** What the token stands for, besides its user. Stored in plain text, so it must contain no secrets except hashes. */
  readonly data: Data;
}

export interface OneTimeTokenContent<Data> {
  readonly userId: string;
  readonly data: Data;
}

export interface ConsumedToken<Data> extends OneTimeTokenContent<Data> {
  readonly expiresAt: Date;
}

/** Tokens that end with a password or an email address: emailed links and unfinished sign-ins. */
export const mailedTokens = ['email-verification', 'password-reset', 'magic-link', 'email-change', 'mfa'] as const;

const content = columnsOf(OneTimeToken, ['userId', 'data', 'expiresAt']);

/** Neither used nor expired. Parameters: selector, hash and purpose. */
const usable = 'selector = $1 AND verifier_hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > now()';
const state = z.object({ used: z.boolean() });
const stateSql =
  'SELECT used_at IS NOT NULL AS used FROM one_time_tokens WHERE selector = $1 AND verifier_hash = $2 AND purpose = $3';

const readSql = `SELECT ${content.list} FROM one_time_tokens WHERE ${usable}`;

const consumeSql = `UPDATE one_time_tokens SET used_at = now()
  WHERE ${usable} RETURNING ${content.list}`;

/** One-time tokens for emailed links and between the steps of a sign-in. ADR 3 describes their guarantees. */
@Injectable()
export class OneTimeTokens {
  /** Creates a token in the caller's transaction. */
  async issue<Data extends z.ZodType>(
    manager: EntityManager,
    kind: TokenKind<Data>,
    userId: string,
    data: z.input<Data>,
  ): Promise<string> {
    const { token, selector, verifierHash } = createOneTimeToken(kind.purpose);
    await execute(
      manager,
      `INSERT INTO one_time_tokens (selector, purpose, verifier_hash, user_id, data, expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
      [selector, kind.purpose, verifierHash, userId, JSON.stringify(kind.data.parse(data)), kind.lifeSeconds],
    );
    return token;
  }

  /**
   * Consumes a token with one conditional statement, so that only one of two concurrent calls succeeds.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  async consume<Data extends z.ZodType>(
    manager: EntityManager,
    kind: TokenKind<Data>,
    token: string,
  ): Promise<ConsumedToken<z.output<Data>>> {
    const found = await find(manager, consumeSql, kind, token);
    return { ...found, data: kind.data.parse(found.data) };
  }

  /**
   * Reads a token without consuming it.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  async read<Data extends z.ZodType>(
    manager: EntityManager,
    kind: TokenKind<Data>,
    token: string,
  ): Promise<OneTimeTokenContent<z.output<Data>>> {
    const { userId, data } = await find(manager, readSql, kind, token);
    return { userId, data: kind.data.parse(data) };
  }

  /** Revokes the user's unused tokens with these purposes. */
  async revoke(manager: EntityManager, userId: string, purposes: readonly string[]): Promise<void> {
    await execute(
      manager,
      'UPDATE one_time_tokens SET used_at = now() WHERE user_id = $1 AND purpose = ANY($2) AND used_at IS NULL',
      [userId, purposes],
    );
  }

  /** Like `revoke`, but only tokens of this kind that expire at or after this time. */
  async revokeSince(
    manager: EntityManager,
    userId: string,
    { purpose }: TokenKind<z.ZodType>,
    expiresAt: Date,
  ): Promise<void> {
    await execute(
      manager,
      `UPDATE one_time_tokens SET used_at = now()
       WHERE user_id = $1 AND purpose = $2 AND expires_at >= $3 AND used_at IS NULL`,
      [userId, purpose, expiresAt],
    );
  }

  /** Call it before deleting an unverified account, because verification locks in that order. */
  async deleteOfUnverified(manager: EntityManager, email: string): Promise<void> {
    await execute(
      manager,
      `DELETE FROM one_time_tokens USING users
       WHERE users.id = user_id AND users.email = $1 AND users.email_verified_at IS NULL`,
      [email],
    );
  }
}

/** @param sql finds a usable token @throws ProblemError `token_invalid`, `token_expired` or `token_used` */
async function find(manager: EntityManager, sql: string, { purpose }: TokenKind<z.ZodType>, token: string) {
  const parts = parseOneTimeToken(token);
  if (parts === null) throw new ProblemError('token_invalid');
  const key = [parts.selector, hashVerifier(purpose, parts.verifier), purpose];
  const [found] = await queryRows(manager, sql, key, content.row);
  if (found !== undefined) return found;
  const [known] = await queryRows(manager, stateSql, key, state);
  throw new ProblemError(known === undefined ? 'token_invalid' : known.used ? 'token_used' : 'token_expired');
}
