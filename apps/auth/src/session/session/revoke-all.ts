import { AuditLog } from '#libs/audit';
import { accessTokenSeconds } from '#libs/contracts';
import { nilId, queryRows } from '#libs/database';
import type { Outbox } from '#libs/jobs';
import { QueryFailedError, type DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { raiseEpochs } from '../../account/user/users.table';
import { insertEvents } from '../../audit/security-log/security-events.table';
import { announceRevoked, clockLeewaySeconds } from './end-sessions';
import { endSessionsOf, openSession } from './sessions.table';

const usersPerBatch = 200;
/** PostgreSQL's error code (appendix A of its manual). */
const deadlock = z.object({ code: z.literal('40P01') });
const deadlockAttempts = 5;

/** Sign-in, refresh and step-up set `last_seen_at`. Older sessions have no valid access token. */
const inUseSeconds = accessTokenSeconds + clockLeewaySeconds;

export interface OpenSessions {
  readonly sessions: number;
  readonly users: number;
}

const count = z.object({ sessions: z.coerce.number(), users: z.coerce.number() });

const countOpenSessionsSql = `SELECT count(*) AS sessions, count(DISTINCT user_id) AS users FROM sessions
  WHERE ${openSession}`;

export async function countOpenSessions(manager: EntityManager): Promise<OpenSessions> {
  const [counted] = await queryRows(manager, countOpenSessionsSql, [], count);
  return counted ?? { sessions: 0, users: 0 };
}

const revokeSeenWithinSql = `SELECT DISTINCT user_id AS id FROM sessions
  WHERE ${openSession} AND user_id > $1 AND created_at <= $2
    AND ($3::int IS NULL OR last_seen_at > now() - make_interval(secs => $3)) ORDER BY user_id LIMIT $4`;

/** Ends the sessions of every user (ASVS 7.4.5), for an operator's command. */
export class AllSessions {
  private readonly auditLog = new AuditLog();

  /** @param batch users per transaction */
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly batch = usersPerBatch,
  ) {}

  /**
   * Ends sessions in use first. The audit entry comes before the first batch, so that an interrupted run is on
   * record. Run it again to end the rest.
   * @returns how many sessions ended, and of how many users
   */
  async revoke(reason: string): Promise<OpenSessions> {
    await this.dataSource.transaction(async (manager) => {
      const { sessions, users } = await countOpenSessions(manager);
      const after = { reason, sessions, users };
      await this.auditLog.recordForPlatform(manager, 'session.all_revoked', { type: 'session', id: 'all' }, { after });
    });
    const startedAt = await this.now();
    const first = await this.revokeSeenWithin(inUseSeconds, startedAt);
    const rest = await this.revokeSeenWithin(null, startedAt);
    return { sessions: first.sessions + rest.sessions, users: first.users + rest.users };
  }

  /** As text, because a Date would drop the microseconds. */
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

  /** Goes by user id, so that each batch continues in the index where the previous one stopped. */
  private async revokeSeenWithin(seconds: number | null, startedAt: string): Promise<OpenSessions> {
    let [sessions, users, last] = [0, 0, nilId];
    for (;;) {
      const found = await queryRows(
        this.dataSource.manager,
        revokeSeenWithinSql,
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

  /** Other transactions lock sessions in no fixed order. PostgreSQL cancels one of two that wait for each other. */
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
    await raiseEpochs(manager, userIds);
    const ended = await endSessionsOf(manager, userIds, inUseSeconds);
    const announced = ended.filter((session) => session.inUse).map(({ id }) => id);
    await announceRevoked(manager, this.outbox, announced);
    const own = ended.filter(({ impersonatorId }) => impersonatorId === null);
    // Like a sign-out by staff, it appears in the user's security log and sends no email.
    await insertEvents(manager, [...new Set(own.map(({ userId }) => userId))], 'signed_out_by_staff');
    return ended.length;
  }
}

function isDeadlock(error: unknown): boolean {
  return error instanceof QueryFailedError && deadlock.safeParse(error.driverError).success;
}
