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

  /** Only records the request. The email address is looked up after the response, so the response cannot reveal it. */
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
   * Two-factor authentication stays on (OWASP Forgot Password Cheat Sheet). The link also verifies the email
   * address.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`; `validation_failed` for a bad
   * password, which leaves the token valid
   */
  @Handles(resetPassword)
  async reset({ token, password }: RequestOf<typeof resetPassword>): Promise<null> {
    // Read first, before the expensive hash. The token is consumed only together with everything else.
    const { userId } = await this.resets.read(this.dataSource.manager, token);
    const owner = await requireAccount(this.dataSource.manager, userId, 'token_invalid');
    const passwordHash = await this.policy.hash('password', password, owner);
    await this.dataSource.transaction(async (manager) => {
      const { userId } = await this.resets.consume(manager, token);
      await resetPasswordOf(manager, userId, passwordHash);
      const user = await requireAccount(manager, userId, 'token_invalid');
      await this.changes.record(manager, user, 'password_reset');
      // Wrong codes share this count. Someone who can only read the mailbox must not be able to reset it.
      if (user.mfaEnabledAt === null) await this.attempts.forgive(manager, attemptsOn(user.email, null));
    });
    return null;
  }
}
