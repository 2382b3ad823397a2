import { changePassword, ProblemError, type ContextOf, type RequestOf } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { replacePassword } from '../../account/user/users.table';
import { lockSessionOwner } from '../../session/session/session-owner';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts.table';
import { PasswordPolicy } from '../password-policy/password-policy';
import { PasswordChanges } from './password-changes';
import { PasswordProof } from './password-proof';

@Controller()
export class PasswordHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly proof: PasswordProof,
    private readonly policy: PasswordPolicy,
    private readonly changes: PasswordChanges,
    private readonly attempts: SignInAttempts,
  ) {}

  /**
   * Ends the user's other sessions.
   * @throws ProblemError `invalid_credentials`, `too_many_attempts`, `password_not_set`; `validation_failed` for
   * a bad new password
   */
  @Handles(changePassword)
  async change(
    { currentPassword, newPassword }: RequestOf<typeof changePassword>,
    { actor }: ContextOf<typeof changePassword>,
  ): Promise<null> {
    const user = await this.proof.require(actor, currentPassword);
    // The proof is complete. Refused new passwords do not count as guesses.
    await this.attempts.forgive(this.dataSource.manager, attemptsOn(user.email, actor.sessionId));
    const passwordHash = await this.policy.hash('newPassword', newPassword, user);
    await this.dataSource.transaction(async (manager) => {
      await lockSessionOwner(manager, actor);
      if (!(await replacePassword(manager, user, passwordHash))) throw new ProblemError('invalid_credentials');
      await this.changes.record(manager, user, 'password_changed', actor.sessionId);
    });
    return null;
  }
}
