import { ProblemError, type SessionActor } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { requireAccount, type Account } from '../../account/user/users.table';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts.table';

/** Proves the password of somebody who is signed in. */
@Injectable()
export class PasswordProof {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly attempts: SignInAttempts,
  ) {}

  /**
   * Wrong passwords count per session, so that they hinder nobody else. The attempt is for the caller to forgive, once nothing
   * else is left to prove.
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
