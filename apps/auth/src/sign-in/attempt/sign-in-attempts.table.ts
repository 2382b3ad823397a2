import { ProblemError, signInPaused, type Client } from '#libs/contracts';
import { execute, queryPrepared } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { Check, Column, DataSource, Entity, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { account, accountWithEmail, type Account } from '../../account/user/users.table';

/** Failures that are counted together. */
@Entity('sign_in_attempts')
@Check('sign_in_attempts_id_check', 'octet_length(id) = 32')
export class SignInAttempt {
  @PrimaryColumn('bytea') id!: Buffer;
  @Column('int') failures!: number;
  @Column('timestamptz') blockedUntil!: Date;
  @Index() @Column('timestamptz') expiresAt!: Date;
}

/** Seconds to wait after the first, second, … failure. Typos cost nothing, but guessing gets slow. */
const pausesSeconds = [0, 0, 1, 2, 4, 8, 16, 32, 60] as const;
/** From the tenth failure on. No lockout is permanent. */
const longestPauseSeconds = 900;
const longestPauseFrom = pausesSeconds.length + 1;
/** A count is forgotten this long after the last failure. */
const memorySeconds = 24 * 3600;

/** The tenth attempt starts the lockout while it runs, so that at most nine of many concurrent attempts run. */
const count = `
    INSERT INTO sign_in_attempts AS attempts (id, failures, blocked_until, expires_at)
    VALUES ($1, 1, '-infinity', now() + make_interval(secs => $2))
    ON CONFLICT (id) DO UPDATE SET
      failures = CASE WHEN attempts.expires_at <= now() THEN 1 ELSE attempts.failures + 1 END,
      blocked_until = CASE WHEN attempts.expires_at > now() AND attempts.failures + 1 >= $3
        THEN now() + make_interval(secs => $4) ELSE attempts.blocked_until END,
      expires_at = excluded.expires_at
    WHERE attempts.blocked_until <= now()
    RETURNING failures`;
const begin = { name: 'begin-sign-in-attempt', sql: count, row: z.object({ failures: z.int() }) };

const beginByEmail = {
  name: 'begin-sign-in-attempt-by-email',
  sql: `WITH attempt AS (${count}) SELECT * FROM attempt LEFT JOIN (${accountWithEmail('$5')}) AS account ON true`,
  row: z.union([begin.row.extend({ id: z.null() }), account.row.and(begin.row)]),
};

const secondsLeft = {
  name: 'sign-in-pause',
  sql: `SELECT greatest(1, ceil(extract(epoch FROM blocked_until - now())))::int AS seconds FROM sign_in_attempts WHERE id = $1`,
  row: z.object({ seconds: z.int() }),
};

/** An attempt to prove an identity with any factor. It counts as failed until it is forgiven. */
export interface Attempt {
  /** Identifies the count, in hexadecimal. */
  readonly countedAs: string;
  readonly failures: number;
}

/**
 * Rate-limits guessing, for known and unknown email addresses alike. An attempt is counted before the secret is
 * checked. During a lockout it is refused, costs no hash, and extends nothing. Known devices have their own
 * count, so that strangers cannot lock the owner out (OWASP, "Slow Down Online Guessing Attacks with Device
 * Cookies").
 */
@Injectable()
export class SignInAttempts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /**
   * @param email gets an email if this attempt starts the long lockout
   * @throws ProblemError `too_many_attempts` with the seconds to wait
   */
  async begin(countedAs: string, email: string): Promise<Attempt> {
    const parameters = countParameters(countedAs);
    return this.begun(countedAs, email, await queryPrepared(this.dataSource.manager, begin, parameters));
  }

  /**
   * Like `begin`, but also returns the account, with the same statement. It runs before every password hash.
   * @param email normalized by the schema `email`
   */
  async beginByEmail(email: string, device: Client['deviceId']): Promise<{ attempt: Attempt; user?: Account }> {
    const countedAs = attemptsOn(email, device);
    const parameters = [...countParameters(countedAs), email];
    const rows = await queryPrepared(this.dataSource.manager, beginByEmail, parameters);
    const attempt = await this.begun(countedAs, email, rows);
    const [user] = rows;
    return user === undefined || user.id === null ? { attempt } : { attempt, user };
  }

  async fail({ countedAs, failures }: Attempt): Promise<void> {
    await execute(
      this.dataSource.manager,
      'UPDATE sign_in_attempts SET blocked_until = greatest(blocked_until, now() + make_interval(secs => $2)) WHERE id = $1',
      [Buffer.from(countedAs, 'hex'), pausesSeconds[failures - 1] ?? longestPauseSeconds],
    );
  }

  /** Undoes the attempt if the secret was not checked, because too many checks were waiting. */
  async unlessRefused<T>({ countedAs, failures }: Attempt, looking: Promise<T>): Promise<T> {
    try {
      return await looking;
    } catch (error) {
      await execute(
        this.dataSource.manager,
        // A shorter lockout comes from another attempt that failed meanwhile.
        `UPDATE sign_in_attempts SET failures = failures - 1, blocked_until = CASE WHEN $2 THEN '-infinity' ELSE blocked_until END
         WHERE id = $1`,
        [Buffer.from(countedAs, 'hex'), failures >= longestPauseFrom],
      );
      throw error;
    }
  }

  async forgive(manager: EntityManager, countedAs: string): Promise<void> {
    await manager.delete(SignInAttempt, { id: Buffer.from(countedAs, 'hex') });
  }

  private async begun(countedAs: string, email: string, [counted]: readonly { failures: number }[]): Promise<Attempt> {
    if (counted !== undefined) {
      const { failures } = counted;
      if (failures === longestPauseFrom) await this.announcePause(email);
      return { countedAs, failures };
    }
    const [pause] = await queryPrepared(this.dataSource.manager, secondsLeft, [Buffer.from(countedAs, 'hex')]);
    throw new ProblemError('too_many_attempts', { retryAfterSeconds: pause?.seconds ?? 1 });
  }

  /** Only accounts get an email, so the account is looked up after the response. */
  private async announcePause(email: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, signInPaused, { email }));
  }
}

function countParameters(countedAs: string): unknown[] {
  return [Buffer.from(countedAs, 'hex'), memorySeconds, longestPauseFrom, longestPauseSeconds];
}

/** @param device a known device of the client, or the session of a signed-in user */
export function attemptsOn(email: string, device: Client['deviceId']): string {
  return createHash('sha256')
    .update(`sign-in\0${email}\0${device ?? ''}`)
    .digest('hex');
}
