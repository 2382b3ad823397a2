import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Account } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../../session/session/session.service';
import { mailedTokens, OneTimeTokens } from '../one-time-token/one-time-tokens.table';

/** What follows from a new password, in the same transaction. */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokens,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * Ends every session and all other emailed links.
   * @param but a session that continues
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
