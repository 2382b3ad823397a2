import { AuditLog } from '#libs/audit';
import { logout, type ContextOf, type RequestOf, type ResponseInput, type SessionActor } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { hashToken } from '#libs/encryption';
import { runInContext } from '#libs/observability';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../session/session.service';
import type { Account } from '../../account/user/users.table';
import { accountBySession } from '../session/sessions.table';
import type { SessionFacts } from '../access-token/access-token.service';

@Controller()
export class LogoutHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly securityLog: SecurityLog,
    private readonly auditLog: AuditLog,
  ) {}

  @Handles(logout)
  async logout(
    { sessionId, refreshToken }: RequestOf<typeof logout>,
    context: ContextOf<typeof logout>,
  ): Promise<ResponseInput<typeof logout>> {
    const { manager } = this.dataSource;
    const named = new Set([sessionId, refreshToken && (await sessionOf(manager, refreshToken))]);
    for (const id of named) {
      const owner = id === undefined ? undefined : await accountBySession(manager, id);
      if (id === undefined || owner === undefined) continue;
      // The logs name the owner of the session, and hide the device of staff who impersonated the user.
      await runInContext({ ...context, actor: actorOf(id, owner) }, () => this.end(id, owner));
    }
    return null;
  }

  private end(sessionId: string, owner: Account & SessionFacts): Promise<void> {
    const isOwn = owner.impersonatorId === null;
    return this.dataSource.transaction(async (manager) => {
      if (!(await this.sessions.end(manager, sessionId, 'logout'))) return;
      await this.securityLog.record(manager, owner, isOwn ? 'signed_out' : 'impersonation_ended');
      if (isOwn) return;
      await this.auditLog.recordForPlatform(manager, 'impersonation.ended', { type: 'session', id: sessionId });
    });
  }
}

/** Also finds expired and rotated tokens. */
async function sessionOf(manager: EntityManager, refreshToken: string): Promise<string | undefined> {
  const sql = 'SELECT session_id AS "sessionId" FROM refresh_tokens WHERE hash = $1';
  const [found] = await queryRows(manager, sql, [hashToken(refreshToken)], z.object({ sessionId: z.uuid() }));
  return found?.sessionId;
}

function actorOf(
  sessionId: string,
  { id, authenticatedAt, impersonatorId, readOnly }: Account & SessionFacts,
): SessionActor {
  return {
    kind: 'session',
    userId: id,
    sessionId,
    authenticatedAt: Math.floor(authenticatedAt.getTime() / 1_000),
    organizationId: null,
    roles: [],
    ...(impersonatorId === null ? {} : { impersonatorId, readOnly }),
  };
}
