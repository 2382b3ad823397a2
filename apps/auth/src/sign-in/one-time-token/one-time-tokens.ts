import { ProblemError } from '#libs/contracts';
import { execute, queryRows } from '#libs/database';
import { createOneTimeToken, hashVerifier, parseOneTimeToken, type OneTimeTokenParts } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

/** One use of tokens: a token of another kind is no token at all. */
export interface TokenKind<Data extends z.ZodType> {
  /** Bound into the stored hash. */
  readonly purpose: string;
  readonly lifeSeconds: number;
  /** What the token stands for, beside its user. Stored in the clear, so no secrets but hashed ones. */
  readonly data: Data;
}

export interface OneTimeTokenContent<Data> {
  readonly userId: string;
  readonly data: Data;
}

export interface ConsumedToken<Data> extends OneTimeTokenContent<Data> {
  readonly expiresAt: Date;
}

/** What dies with a password or an address: links in mailboxes, and sign-ins that are half done. */
export const mailedTokens = ['email-verification', 'password-reset', 'magic-link', 'email-change', 'mfa'] as const;

const content = z.object({ userId: z.uuid(), data: z.unknown() });
const consumedContent = content.extend({ expiresAt: z.date() });
const state = z.object({ used: z.boolean() });

/** Tokens that work once: in mailed links, and between the steps of a sign-in. What they promise: ADR 3. */
@Injectable()
export class OneTimeTokens {
  /** Makes a token in the caller's transaction. It is nowhere at rest. */
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
   * One conditional statement, so that of two that come at once one finds the token unused.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  async consume<Data extends z.ZodType>(
    manager: EntityManager,
    kind: TokenKind<Data>,
    token: string,
  ): Promise<ConsumedToken<z.output<Data>>> {
    const parts = partsOf(token);
    const [consumed] = await queryRows(
      manager,
      `UPDATE one_time_tokens SET used_at = now()
       WHERE selector = $1 AND verifier_hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > now()
       RETURNING user_id AS "userId", data, expires_at AS "expiresAt"`,
      [...keyOf(kind, parts), kind.purpose],
      consumedContent,
    );
    if (consumed === undefined) throw await this.whyNot(manager, kind, parts);
    return { ...consumed, data: kind.data.parse(consumed.data) };
  }

  /**
   * What a token stands for that is not to be used up yet.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  async read<Data extends z.ZodType>(
    manager: EntityManager,
    kind: TokenKind<Data>,
    token: string,
  ): Promise<OneTimeTokenContent<z.output<Data>>> {
    const parts = partsOf(token);
    const [found] = await queryRows(
      manager,
      `SELECT user_id AS "userId", data FROM one_time_tokens
       WHERE selector = $1 AND verifier_hash = $2 AND purpose = $3 AND used_at IS NULL AND expires_at > now()`,
      [...keyOf(kind, parts), kind.purpose],
      content,
    );
    if (found === undefined) throw await this.whyNot(manager, kind, parts);
    return { userId: found.userId, data: kind.data.parse(found.data) };
  }

  /** Makes the unused tokens of a user useless: those of these purposes. */
  async revoke(manager: EntityManager, userId: string, purposes: readonly string[]): Promise<void> {
    await execute(
      manager,
      'UPDATE one_time_tokens SET used_at = now() WHERE user_id = $1 AND purpose = ANY($2) AND used_at IS NULL',
      [userId, purposes],
    );
  }

  /** As `revoke`, but only those of a kind that were issued with the one that expires then, or after it. */
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

  private async whyNot(
    manager: EntityManager,
    kind: TokenKind<z.ZodType>,
    parts: OneTimeTokenParts,
  ): Promise<ProblemError> {
    const [known] = await queryRows(
      manager,
      'SELECT used_at IS NOT NULL AS used FROM one_time_tokens WHERE selector = $1 AND verifier_hash = $2 AND purpose = $3',
      [...keyOf(kind, parts), kind.purpose],
      state,
    );
    if (known === undefined) return new ProblemError('token_invalid');
    return new ProblemError(known.used ? 'token_used' : 'token_expired');
  }
}

function partsOf(token: string): OneTimeTokenParts {
  const parts = parseOneTimeToken(token);
  if (parts === null) throw new ProblemError('token_invalid');
  return parts;
}

function keyOf({ purpose }: TokenKind<z.ZodType>, { selector, verifier }: OneTimeTokenParts): [string, string] {
  return [selector, hashVerifier(purpose, verifier)];
}
