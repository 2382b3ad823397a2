import { accessTokenSeconds } from '#libs/contracts';
import { execute, newId, queryRows } from '#libs/database';
import type { Outbox } from '#libs/jobs';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuditLog } from '../../audit/audit-log/audit-log';
import { announceRevoked, clockLeewaySeconds } from './end-sessions';

const usersPerBatch = 200;
/** PostgreSQL's error code (appendix A of its manual). */
const deadlock = z.object({ code: z.literal('40P01') });
const deadlockAttempts = 5;

/** Signing in, refreshing and stepping up set `last_seen_at`: a session not seen for longer has no working access token. */
const inUseSeconds = accessTokenSeconds + clockLeewaySeconds;

export interface OpenSessions {
  readonly sessions: number;
  readonly users: number;
}

const count = z.object({ sessions: z.coerce.number(), users: z.coerce.number() });

export async function countOpenSessions(manager: EntityManager): Promise<OpenSessions> {
  const [counted] = await queryRows(
    manager,
    `SELECT count(*) AS sessions, count(DISTINCT user_id) AS users FROM sessions
     WHERE ended_at IS NULL AND expires_at > now()`,
    [],
    count,
  );
  return counted ?? { sessions: 0, users: 0 };
}

/** Ends the sessions of every user (ASVS 7.4.5), as an operator's command on the server does. */
export class AllSessions {
  private readonly auditLog = new AuditLog();

  /** @param batch users per transaction */
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly batch = usersPerBatch,
  ) {}

  /**
   * Sessions in use end first. The audit entry is written before the first batch, so that an interrupted run is on record;
   * running it again ends the rest.
   * @returns how many sessions ended, and of how many users
   */
  async revoke(reason: string): Promise<OpenSessions> {
    await this.dataSource.transaction(async (manager) => {
      const { sessions, users } = await countOpenSessions(manager);
      const target = { type: 'session' as const, id: 'all' };
      const after = { reason, sessions, users };
      await this.auditLog.record(manager, { organizationId: null, act: 'session.all_revoked', target, after });
    });
    const startedAt = await this.now();
    const first = await this.revokeSeenWithin(inUseSeconds, startedAt);
    const rest = await this.revokeSeenWithin(null, startedAt);
    return { sessions: first.sessions + rest.sessions, users: first.users + rest.users };
  }

  /** As text, because a Date would cut off the microseconds. */
  private async now(): Promise<string> {
    const [row] = await queryRows(
      this.dataSource.manager,
      'SELECT now()::text AS now',
      [],
      z.object({ now: z.string() }),
    );
    if (row === undefined) throw new Error('PostgreSQL did not say what time it is.');
    return row.now;
  }

  /** Goes by user id, so that each batch continues in the index where the one before stopped. */
  private async revokeSeenWithin(seconds: number | null, startedAt: string): Promise<OpenSessions> {
    let [sessions, users, last] = [0, 0, '00000000-0000-0000-0000-000000000000'];
    for (;;) {
      const found = await queryRows(
        this.dataSource.manager,
        `SELECT DISTINCT user_id AS id FROM sessions
         WHERE ended_at IS NULL AND expires_at > now() AND user_id > $1 AND created_at <= $2
           AND ($3::int IS NULL OR last_seen_at > now() - make_interval(secs => $3)) ORDER BY user_id LIMIT $4`,
        [last, startedAt, seconds, this.batch],
        z.object({ id: z.uuid() }),
      );
      const ids = found.map(({ id }) => id);
      last = ids.at(-1) ?? last;
      if (ids.length > 0) sessions += await this.endOf(ids);
      users += ids.length;
      if (ids.length < this.batch) return { sessions, users };
    }
  }

  /** Other transactions lock sessions in no fixed order: of two that wait for each other, PostgreSQL cancels one. */
  private async endOf(userIds: readonly string[]): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction((manager) => this.endBatch(manager, userIds));
      } catch (error) {
        if (attempt === deadlockAttempts || !isDeadlock(error)) throw error;
      }
    }
  }

  private async endBatch(manager: EntityManager, userIds: readonly string[]): Promise<number> {
    // The new epoch also stops a sign-in that has read the user but has not stored its session yet.
    await execute(
      manager,
      `WITH person AS (SELECT id FROM users WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
       UPDATE users SET session_epoch = session_epoch + 1 FROM person WHERE users.id = person.id`,
      [userIds],
    );
    const ended = await queryRows(
      manager,
      `UPDATE sessions SET ended_at = now(), end_reason = 'revoked_by_operator' WHERE ended_at IS NULL AND user_id = ANY($1)
       RETURNING id, user_id AS "userId", impersonator_id AS "impersonatorId",
         last_seen_at > now() - make_interval(secs => $2) AS "inUse"`,
      [userIds, inUseSeconds],
      endedSession,
    );
    const announced = ended.filter((session) => session.inUse).map(({ id }) => id);
    await announceRevoked(manager, this.outbox, announced);
    await recordInSecurityLogs(manager, ended);
    return ended.length;
  }
}

const endedSession = z.object({
  id: z.uuid(),
  userId: z.uuid(),
  impersonatorId: z.uuid().nullable(),
  inUse: z.boolean(),
});

/** One statement for the batch. Like a sign-out by staff, it shows in a user's security log and sends no mail. */
async function recordInSecurityLogs(
  manager: EntityManager,
  ended: readonly z.output<typeof endedSession>[],
): Promise<void> {
  const own = ended.filter(({ impersonatorId }) => impersonatorId === null);
  const userIds = [...new Set(own.map(({ userId }) => userId))];
  await execute(
    manager,
    `INSERT INTO security_events (id, user_id, type, request_id, details)
     SELECT id, user_id, 'signed_out_by_staff', '', '{}' FROM unnest($1::uuid[], $2::uuid[]) AS event (id, user_id)`,
    [userIds.map(newId), userIds],
  );
}

function isDeadlock(error: unknown): boolean {
  return error instanceof QueryFailedError && deadlock.safeParse(error.driverError).success;
}
