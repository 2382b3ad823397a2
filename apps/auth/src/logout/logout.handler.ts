import { logout, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog } from '../audit-log/audit-log';
import { SecurityLog } from '../security-log/security-log';
import { SessionService } from '../session/session.service';
import { accountById } from '../user/users';

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
    _input: RequestOf<typeof logout>,
    { actor }: ContextOf<typeof logout>,
  ): Promise<ResponseInput<typeof logout>> {
    const isOwn = actor.impersonatorId === undefined;
    await this.dataSource.transaction(async (manager) => {
      if (!(await this.sessions.end(manager, actor.sessionId, 'logout'))) return;
      const user = await accountById(manager, actor.userId);
      if (user === undefined) return;
      await this.securityLog.record(manager, user, isOwn ? 'signed_out' : 'impersonation_ended');
      if (isOwn) return;
      const target = { type: 'session' as const, id: actor.sessionId };
      await this.auditLog.record(manager, { organizationId: null, act: 'impersonation.ended', target });
    });
    return null;
  }
}
