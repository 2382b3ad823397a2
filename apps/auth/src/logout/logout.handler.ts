import { logout, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SecurityLog } from '../security-log/security-log';
import { SessionService } from '../session/session.service';
import { accountById } from '../user/users';

@Controller()
export class LogoutHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly securityLog: SecurityLog,
  ) {}

  @Handles(logout)
  async logout(
    _input: RequestOf<typeof logout>,
    { actor }: ContextOf<typeof logout>,
  ): Promise<ResponseInput<typeof logout>> {
    await this.dataSource.transaction(async (manager) => {
      if (!(await this.sessions.end(manager, actor.sessionId, 'logout'))) return;
      const user = await accountById(manager, actor.userId);
      const type = actor.impersonatorId === undefined ? 'signed_out' : 'impersonation_ended';
      if (user !== undefined) await this.securityLog.record(manager, user, type);
    });
    return null;
  }
}
