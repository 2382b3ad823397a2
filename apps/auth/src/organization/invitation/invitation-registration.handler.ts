import { AuditLog } from '#libs/audit';
import { registerByInvitation, required, type ContextOf, type RequestOf, type Session } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { locale } from '#libs/validation';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SessionService } from '../../session/session/session.service';
import { PasswordPolicy } from '../../sign-in/password-policy/password-policy';
import { saveVerified } from '../../account/user/users.table';
import { InvitationTokens } from './invitation-tokens';
import { join } from './joining';

@Controller()
export class InvitationRegistrationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: InvitationTokens,
    private readonly policy: PasswordPolicy,
    private readonly sessions: SessionService,
    private readonly auditLog: AuditLog,
  ) {}

  /**
   * The link proves that the user can read the mailbox, so the email address counts as verified. A verified
   * account stays unchanged, because its owner must prove the password and second factor.
   * @throws ProblemError `email_taken`; `validation_failed` for a bad password; what `join` and the token throw
   */
  @Handles(registerByInvitation)
  async register(
    { token, name, password, locale: wished }: RequestOf<typeof registerByInvitation>,
    { client, locale: asked }: ContextOf<typeof registerByInvitation>,
  ): Promise<Session> {
    const offer = await this.tokens.open(token);
    const { email } = offer;
    const passwordHash = await this.policy.hash('password', password, { email, name });
    const registration = { email, name, passwordHash, locale: wished ?? locale.catch('en').parse(asked) };
    return this.dataSource.transaction(async (manager) => {
      const user = required(await saveVerified(manager, registration), 'email_taken');
      await join(manager, this.auditLog, offer, user.id);
      return this.sessions.start(manager, user, { method: 'invitation', client, isNewDevice: false });
    });
  }
}
