import {
  listSessions,
  ProblemError,
  revokeOtherSessions,
  revokeSession,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { columnsOf, queryRows } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { deviceOf } from '../../audit/security-log/device';
import { SecurityLog } from '../../audit/security-log/security-log';
import { accountById } from '../../account/user/users.table';
import { liveSession, SessionRecord } from './sessions.table';
import { SessionService } from './session.service';

const longestList = 100;

const listed = columnsOf(SessionRecord, ['id', 'ip', 'userAgent', 'createdAt', 'lastSeenAt']);
const openSession = listed.row.and(z.object({ expiresAt: z.date() }));

const listSql = `SELECT ${listed.list}, least(sessions.expires_at, idle.until) AS "expiresAt"
  FROM sessions JOIN users ON users.id = user_id
  JOIN LATERAL (SELECT max(expires_at) AS until FROM refresh_tokens
    WHERE session_id = sessions.id AND rotated_at IS NULL) idle ON idle.until > now()
  WHERE user_id = $1 AND ${liveSession} AND impersonator_id IS NULL
  ORDER BY last_seen_at DESC LIMIT $2`;

@Controller()
export class SessionHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly securityLog: SecurityLog,
  ) {}

  @Handles(listSessions)
  async list(
    _input: RequestOf<typeof listSessions>,
    { actor }: ContextOf<typeof listSessions>,
  ): Promise<ResponseInput<typeof listSessions>> {
    const open = await queryRows(this.dataSource.manager, listSql, [actor.userId, longestList], openSession);
    const data = open.map(({ userAgent, createdAt, lastSeenAt, expiresAt, ...session }) => ({
      ...session,
      device: deviceOf(userAgent),
      createdAt: createdAt.toISOString(),
      lastSeenAt: lastSeenAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      current: session.id === actor.sessionId,
    }));
    return { data };
  }

  @Handles(revokeSession)
  async revoke(
    { id }: RequestOf<typeof revokeSession>,
    { actor }: ContextOf<typeof revokeSession>,
  ): Promise<ResponseInput<typeof revokeSession>> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await this.sessions.endOwn(manager, actor.userId, id))) throw new ProblemError('not_found');
      const user = await accountById(manager, actor.userId);
      if (user !== undefined) await this.securityLog.record(manager, user, 'session_revoked');
    });
    return null;
  }

  @Handles(revokeOtherSessions)
  async revokeOthers(
    _input: RequestOf<typeof revokeOtherSessions>,
    { actor }: ContextOf<typeof revokeOtherSessions>,
  ): Promise<ResponseInput<typeof revokeOtherSessions>> {
    await this.dataSource.transaction(async (manager) => {
      const ended = await this.sessions.endAll(manager, actor.userId, 'revoked', actor.sessionId);
      const user = await accountById(manager, actor.userId);
      if (ended > 0 && user !== undefined) await this.securityLog.record(manager, user, 'other_sessions_revoked');
    });
    return null;
  }
}
