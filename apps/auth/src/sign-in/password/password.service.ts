import { type accepted, mailRequested, passwordResetRequested, ProblemError, type SessionActor } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { mailedTokens, OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens';
import { PasswordPolicy } from '../password-policy/password-policy';
import { SecurityLog } from '../../audit/security-log/security-log';
import { lockSessionOwner } from '../../session/session/session-owner';
import { SessionService } from '../../session/session/session.service';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts';
import { User } from '../../account/user/user.entity';
import { accountById, lockAccountByEmail, type Account } from '../../account/user/users';

const expiresInMinutes = 30;
const resetToken: TokenKind<z.ZodNull> = {
  purpose: 'password-reset',
  lifeSeconds: expiresInMinutes * 60,
  data: z.null(),
};

@Injectable()
export class PasswordService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
    private readonly tokens: OneTimeTokens,
    private readonly sessions: SessionService,
    private readonly attempts: SignInAttempts,
    private readonly securityLog: SecurityLog,
    private readonly outbox: Outbox,
  ) {}

  /** Notes the wish only: whether the address is known is looked at after the answer, so the answer cannot tell. */
  async requestReset(email: string): Promise<z.output<typeof accepted>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, passwordResetRequested, { email }));
    return { status: 'accepted' };
  }

  async sendReset(manager: EntityManager, email: string): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user === undefined) return;
    const token = await this.tokens.issue(manager, resetToken, user.id, null);
    const url = `${this.config.publicUrl}/reset-password#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: user.email,
      locale: user.locale,
      mail: { template: 'password-reset', name: user.name, url, expiresInMinutes },
    });
  }

  /**
   * A new password by the mailed link. Every session ends, and so does every other link that was mailed; two-factor sign-in
   * stays on (OWASP Forgot Password Cheat Sheet). The link proves the address, too.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`; `validation_failed` when the password is a bad one,
   * which leaves the token as it was
   */
  async reset(token: string, password: string): Promise<null> {
    // Before the costly part, and before anything is told of the account; it is used up only with everything else.
    const { userId } = await this.tokens.read(this.dataSource.manager, resetToken, token);
    const owner = await accountById(this.dataSource.manager, userId);
    if (owner === undefined) throw new ProblemError('token_invalid');
    await this.policy.check('password', password, owner);
    const passwordHash = await this.hasher.hash(password);
    await this.dataSource.transaction(async (manager) => {
      const { userId } = await this.tokens.consume(manager, resetToken, token);
      const emailVerifiedAt = () => 'coalesce(email_verified_at, now())';
      await manager.update(User, { id: userId }, { passwordHash, emailVerifiedAt });
      const user = await accountById(manager, userId);
      if (user === undefined) throw new ProblemError('token_invalid');
      await this.sessions.endAll(manager, userId, 'password_reset');
      await this.tokens.revoke(manager, userId, mailedTokens);
      // Wrong codes count among them: who can read the mailbox alone is not to guess those without an end.
      if (user.mfaEnabledAt === null) await this.attempts.forgive(manager, attemptsOn(user.email, null));
      await this.securityLog.record(manager, user, 'password_reset');
    });
    return null;
  }

  /**
   * Ends the person's other sessions.
   * @throws ProblemError `invalid_credentials`, `too_many_attempts`, `password_not_set`; `validation_failed` when the new
   * password is a bad one
   */
  async change(actor: SessionActor, currentPassword: string, newPassword: string): Promise<null> {
    const user = await this.requirePassword(actor, currentPassword);
    // Nothing is left to prove: however many new passwords are refused, none counts as a guess.
    await this.attempts.forgive(this.dataSource.manager, attemptsOn(user.email, actor.sessionId));
    await this.policy.check('newPassword', newPassword, user);
    const passwordHash = await this.hasher.hash(newPassword);
    await this.dataSource.transaction(async (manager) => {
      await lockSessionOwner(manager, actor);
      // The old hash is the condition: of two changes at once, one finds the password that it was told.
      const old = { id: user.id, passwordHash: user.passwordHash ?? '' };
      const { affected } = await manager.update(User, old, { passwordHash });
      if (affected === 0) throw new ProblemError('invalid_credentials');
      await this.sessions.endAll(manager, user.id, 'password_changed', actor.sessionId);
      await this.tokens.revoke(manager, user.id, mailedTokens);
      await this.securityLog.record(manager, user, 'password_changed');
    });
    return null;
  }

  /**
   * Proves the password of somebody who is signed in; wrong ones count per session, so that they hinder nobody else. The
   * attempt is for the caller to forgive, once nothing else is left to prove.
   * @throws ProblemError `invalid_credentials`, `too_many_attempts`, `password_not_set`, `unauthenticated`
   */
  async requirePassword({ userId, sessionId }: SessionActor, password: string): Promise<Account> {
    const { manager } = this.dataSource;
    const user = await accountById(manager, userId);
    if (user === undefined) throw new ProblemError('unauthenticated');
    if (user.passwordHash === null) throw new ProblemError('password_not_set');
    const attempt = await this.attempts.begin(attemptsOn(user.email, sessionId), user.email);
    const verification = this.hasher.verify(user.passwordHash, password);
    const { matches } = await this.attempts.unlessRefused(attempt, verification);
    if (!matches) {
      await this.attempts.fail(attempt);
      throw new ProblemError('invalid_credentials');
    }
    return user;
  }
}
