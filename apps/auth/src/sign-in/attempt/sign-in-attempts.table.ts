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

/** Seconds to wait after the first, second, … failure: slips cost nothing, guessing gets slow. */
const pausesSeconds = [0, 0, 1, 2, 4, 8, 16, 32, 60] as const;
/** From the tenth on; and never for good. */
const longestPauseSeconds = 900;
const longestPauseFrom = pausesSeconds.length + 1;
/** So long after the last failure it is forgotten. */
const memorySeconds = 24 * 3600;

/** The tenth pauses already while it runs: of many at once, nine run. */
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

/** One try to prove who one is, with any factor. It counts as failed until it is forgiven. */
export interface Attempt {
  /** Whose attempts are counted together, as hex. */
  readonly countedAs: string;
  readonly failures: number;
}

/**
 * Slows down guessing, for known and unknown addresses alike. An attempt is counted before the secret is looked at, so that
 * many at once are counted too; one that comes during a pause is refused, costs no hash, and does not lengthen the pause.
 * Strangers share one count per address; a device that has signed in before has its own (OWASP, «Slow Down Online Guessing
 * Attacks with Device Cookies»), so that nobody can keep the owner out by failing.
 */
@Injectable()
export class SignInAttempts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
  ) {}

  /**
   * @param email for the mail when this is the one that pauses for long, whatever becomes of it
   * @throws ProblemError `too_many_attempts` with the seconds to wait
   */
  async begin(countedAs: string, email: string): Promise<Attempt> {
    const parameters = countParameters(countedAs);
    return this.begun(countedAs, email, await queryPrepared(this.dataSource.manager, begin, parameters));
  }

  /**
   * As `begin`, with the account, if there is one, in the same statement: it comes before every sign-in's hash.
   * @param email as the schema `email` normalizes it
   */
  async beginByEmail(email: string, device: Client['deviceId']): Promise<{ attempt: Attempt; user?: Account }> {
    const countedAs = attemptsOn(email, device);
    const parameters = [...countParameters(countedAs), email];
    const rows = await queryPrepared(this.dataSource.manager, beginByEmail, parameters);
    const attempt = await this.begun(countedAs, email, rows);
    const [user] = rows;
    return user === undefined || user.id === null ? { attempt } : { attempt, user };
  }

  /** The factor was wrong. */
  async fail({ countedAs, failures }: Attempt): Promise<void> {
    await execute(
      this.dataSource.manager,
      'UPDATE sign_in_attempts SET blocked_until = greatest(blocked_until, now() + make_interval(secs => $2)) WHERE id = $1',
      [Buffer.from(countedAs, 'hex'), pausesSeconds[failures - 1] ?? longestPauseSeconds],
    );
  }

  /** Takes the attempt back when nobody looks at the secret, as too many wait for that: it is as if nothing had been tried. */
  async unlessRefused<T>({ countedAs, failures }: Attempt, looking: Promise<T>): Promise<T> {
    try {
      return await looking;
    } catch (error) {
      await execute(
        this.dataSource.manager,
        // A shorter pause is another attempt's, which failed meanwhile.
        `UPDATE sign_in_attempts SET failures = failures - 1, blocked_until = CASE WHEN $2 THEN '-infinity' ELSE blocked_until END
         WHERE id = $1`,
        [Buffer.from(countedAs, 'hex'), failures >= longestPauseFrom],
      );
      throw error;
    }
  }

  /** The factor was right. */
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

  /** Who is told depends on whether the address has an account, so that is looked at after the answer. */
  private async announcePause(email: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, signInPaused, { email }));
  }
}

function countParameters(countedAs: string): unknown[] {
  return [Buffer.from(countedAs, 'hex'), memorySeconds, longestPauseFrom, longestPauseSeconds];
}

/** @param device a known one of the client, or of a person who is signed in */
export function attemptsOn(email: string, device: Client['deviceId']): string {
  return createHash('sha256')
    .update(`sign-in\0${email}\0${device ?? ''}`)
    .digest('hex');
}
