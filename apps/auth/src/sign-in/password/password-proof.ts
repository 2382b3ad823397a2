import { ProblemError, type SessionActor } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireAccount, type Account } from '../../account/user/users.table';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts.table';

/** Checks the password of a signed-in user. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly attempts: SignInAttempts,
  ) {}

  /**
   * Wrong passwords count per session, so that they affect no one else. The caller forgives the attempt after all
   * proofs.
   * @throws ProblemError `invalid_credentials`, `too_many_attempts`, `password_not_set`, `unauthenticated`
   */
  async require({ userId, sessionId }: SessionActor, password: string): Promise<Account> {
    const user = await requireAccount(this.dataSource.manager, userId);
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
