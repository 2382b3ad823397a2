import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../../session/session/session.service';
import { mailedTokens, OneTimeTokens } from '../one-time-token/one-time-tokens.table';

/** What a new password brings with it, in the same transaction. */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokens,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * Every session ends, and so does every other link that was mailed.
   * @param but the session that goes on
   */
  async record(
    manager: EntityManager,
    user: Account,
    event: 'password_reset' | 'password_changed',
    but?: string,
  ): Promise<void> {
    await this.sessions.endAll(manager, user.id, event, but);
    await this.tokens.revoke(manager, user.id, mailedTokens);
    await this.securityLog.record(manager, user, event);
  }
}
