import {
  ProblemError,
  refresh,
  refreshTokenSeconds,
  required,
  type Client,
  type ContextOf,
  type RequestOf,
  type Session,
} from '#libs/contracts';
import { columnsOf, queryPrepared, queryRows } from '#libs/database';
import { hashToken, openForBearer, randomToken, sealForBearer } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { Mails } from '../../account/mail/mails';
import { deviceOf } from '../../audit/security-log/device';
import { SecurityLog } from '../../audit/security-log/security-log';
import { consumeToken, insertToken, RefreshToken } from '../session/refresh-tokens.table';
import { accountBySession, liveSession, SessionRecord, touchSession } from '../session/sessions.table';
import { SessionService } from '../session/session.service';

/** If two tabs send the same token at once, the later one gets the same result within this time. */
const graceSeconds = 10;

/**
 * Locks the session first, so that rotation and sign-out run one after the other. Then consumes the token by its
 * condition, so that only one of many concurrent requests creates a child.
 */
const rotation = {
  name: 'rotate-refresh-token',
  sql: `
    WITH live AS (${touchSession}),
    parent AS (${consumeToken('$1', '$3', 'session_id = (SELECT id FROM live)')})
    ${insertToken('$2, session_id, now() + make_interval(secs => $6)', 'parent')}
    RETURNING session_id AS "sessionId"`,
  row: z.object({ sessionId: z.uuid() }),
};

const token = columnsOf(RefreshToken, ['sessionId', 'sealedChild']);
const flags = z.object({ live: z.boolean(), suspended: z.boolean(), rotated: z.boolean(), inGrace: z.boolean() });
const presented = token.row.and(flags);

const refuseOrRepeatSql = `SELECT ${token.list}, rotated_at IS NOT NULL AS rotated,
    COALESCE(rotated_at > now() - make_interval(secs => $2), false) AS "inGrace",
    ${liveSession} AS live,
    suspended_at IS NOT NULL AS suspended
  FROM refresh_tokens JOIN sessions ON sessions.id = session_id JOIN users ON users.id = user_id WHERE hash = $1`;

@Controller()
export class RefreshHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly securityLog: SecurityLog,
    private readonly mails: Mails,
  ) {}

  /**
   * Rotates a refresh token (RFC 9700 section 4.14.2).
   * @throws ProblemError `refresh_token_invalid`, `account_suspended`; `refresh_token_reused` if it was already
   * rotated, which ends the session
   */
  @Handles(refresh)
  async refresh(
    { refreshToken: token }: RequestOf<typeof refresh>,
    { client }: ContextOf<typeof refresh>,
  ): Promise<Session> {
    return (await this.rotate(token, client)) ?? this.refuseOrRepeat(token, client);
  }

  private async rotate(token: string, client: Client | null): Promise<Session | undefined> {
    const child = randomToken();
    const [rotated] = await queryPrepared(this.dataSource.manager, rotation, [
      hashToken(token),
      hashToken(child),
      sealForBearer(token, child),
      client?.ip,
      client?.userAgent,
      refreshTokenSeconds,
    ]);
    return rotated === undefined ? undefined : this.answer(rotated.sessionId, child);
  }

  private async refuseOrRepeat(token: string, client: Client | null): Promise<Session> {
    const [known] = await queryRows(
      this.dataSource.manager,
      refuseOrRepeatSql,
      [hashToken(token), graceSeconds],
      presented,
    );
    if (known?.suspended === true) throw new ProblemError('account_suspended');
    if (known === undefined || !known.live) throw new ProblemError('refresh_token_invalid');
    if (!known.rotated) {
      // It waited for a transaction that ended the user's other sessions, and read the state before it.
      const rotated = await this.rotate(token, client);
      if (rotated !== undefined) return rotated;
      throw new ProblemError('refresh_token_invalid');
    }
    if (known.inGrace && known.sealedChild !== null) {
      return this.answer(known.sessionId, openForBearer(token, known.sealedChild));
    }
    await this.endStolen(known.sessionId);
    throw new ProblemError('refresh_token_reused');
  }

  /** The thief and the owner look the same, so the session ends for both and the owner gets an email. */
  private endStolen(sessionId: string): Promise<void> {
    return this.dataSource.transaction(async (manager) => {
      if (!(await this.sessions.end(manager, sessionId, 'refresh_token_reused'))) return;
      const { userAgent, ip } = await manager.findOneByOrFail(SessionRecord, { id: sessionId });
      const user = await accountBySession(manager, sessionId);
      // The user cannot do anything about a session of staff who impersonated them.
      if (user === undefined || user.impersonatorId !== null) return;
      await this.securityLog.record(manager, user, 'refresh_token_reused');
      const mail = { template: 'session-stolen' as const, name: user.name, device: deviceOf(userAgent) ?? '', ip };
      await this.mails.send(manager, user, mail);
    });
  }

  private async answer(sessionId: string, refreshToken: string): Promise<Session> {
    const user = required(await accountBySession(this.dataSource.manager, sessionId), 'refresh_token_invalid');
    return this.sessions.answer(user, sessionId, user, refreshToken);
  }
}
