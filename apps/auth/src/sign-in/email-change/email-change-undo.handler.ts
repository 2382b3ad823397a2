import { undoEmailChange, type RequestOf } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../../session/session/session.service';
import { mailedTokens, OneTimeTokens } from '../one-time-token/one-time-tokens.table';
import { PasswordResets } from '../password/password-resets';
import { setAddress, undoToken } from './address-change';
import { removeCredentialsSince } from './credentials';

const dayMs = 86_400_000;

@Controller()
export class EmailChangeUndoHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly sessions: SessionService,
    private readonly resets: PasswordResets,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * Locks the intruder out: ends all sessions and removes new credentials and the password, which the intruder
   * may know. The owner gets a password reset link.
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `email_taken`
   */
  @Handles(undoEmailChange)
  async undo({ token }: RequestOf<typeof undoEmailChange>): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const { userId, data, expiresAt } = await this.tokens.consume(manager, undoToken, token);
      const before = await setAddress(manager, userId, data.email);
      await this.sessions.endAll(manager, userId, 'email_change_undone');
      await removeCredentialsSince(manager, userId, new Date(Date.parse(data.changedAt) - dayMs));
      await this.tokens.revoke(manager, userId, mailedTokens);
      // Undo links of later changes went to the intruder. A link of an earlier change may be the owner's, so it
      // stays valid.
      await this.tokens.revokeSince(manager, userId, undoToken, expiresAt);
      await this.securityLog.record(manager, { ...before, email: data.email }, 'email_change_undone');
      await this.resets.send(manager, data.email);
    });
    return null;
  }
}
