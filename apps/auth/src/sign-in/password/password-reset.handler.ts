import {
  forgotPassword,
  passwordResetRequested,
  resetPassword,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, Outbox, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireAccount, resetPasswordOf } from '../../account/user/users.table';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts.table';
import { PasswordPolicy } from '../password-policy/password-policy';
import { PasswordChanges } from './password-changes';
import { PasswordResets } from './password-resets';

@Controller()
export class PasswordResetHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly outbox: Outbox,
    private readonly resets: PasswordResets,
    private readonly policy: PasswordPolicy,
    private readonly changes: PasswordChanges,
    private readonly attempts: SignInAttempts,
  ) {}

  /** Notes the request only: whether the email address is known is looked at after the response, so the response cannot tell. */
  @Handles(forgotPassword)
  async request({ email }: RequestOf<typeof forgotPassword>): Promise<ResponseInput<typeof forgotPassword>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, passwordResetRequested, { email }));
    return { status: 'accepted' };
  }

  @OnEvent(passwordResetRequested)
  onRequested({ email }: EventPayload<typeof passwordResetRequested>, { manager }: EventDelivery): Promise<void> {
    return this.resets.send(manager, email);
  }

  /**
   * A new password by the mailed link. Two-factor authentication stays on (OWASP Forgot Password Cheat Sheet). The link proves
   * the email address, too.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`; `validation_failed` when the password is a bad one,
   * which leaves the token as it was
   */
  @Handles(resetPassword)
  async reset({ token, password }: RequestOf<typeof resetPassword>): Promise<null> {
    // Before the costly part, and before anything is told of the account; it is used up only with everything else.
    const { userId } = await this.resets.read(this.dataSource.manager, token);
    const owner = await requireAccount(this.dataSource.manager, userId, 'token_invalid');
    const passwordHash = await this.policy.hash('password', password, owner);
    await this.dataSource.transaction(async (manager) => {
      const { userId } = await this.resets.consume(manager, token);
      await resetPasswordOf(manager, userId, passwordHash);
      const user = await requireAccount(manager, userId, 'token_invalid');
      await this.changes.record(manager, user, 'password_reset');
      // Wrong codes count among them: who can read the mailbox alone is not to guess those without an end.
      if (user.mfaEnabledAt === null) await this.attempts.forgive(manager, attemptsOn(user.email, null));
    });
    return null;
  }
}
