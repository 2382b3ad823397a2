import { login, ProblemError, type ContextOf, type RequestOf, type SignedIn } from '#libs/contracts';
import { PasswordHasher } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { replacePassword, type Account } from '../../account/user/users.table';
import { SignInAttempts, type Attempt } from '../attempt/sign-in-attempts.table';
import { SignInService } from '../sign-in/sign-in.service';

@Controller()
export class LoginHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly hasher: PasswordHasher,
    private readonly attempts: SignInAttempts,
    private readonly signIn: SignInService,
  ) {}

  /**
   * An unknown email address costs the same statements and one hash, like a wrong password (OWASP Authentication
   * Cheat Sheet).
   * @throws ProblemError `invalid_credentials`, `too_many_attempts`; with the right password
   * `email_not_verified`, `account_suspended`
   */
  @Handles(login)
  async login({ email, password }: RequestOf<typeof login>, { client }: ContextOf<typeof login>): Promise<SignedIn> {
    const { manager } = this.dataSource;
    const { attempt, user } = await this.attempts.beginByEmail(email, client?.deviceId ?? null);
    const verification = this.hasher.verify(user?.passwordHash ?? null, password);
    const { matches, needsRehash } = await this.attempts.unlessRefused(attempt, verification);
    if (user === undefined || !matches) return this.refuse(attempt);
    const refusal = refusalOf(user);
    if (refusal !== undefined) {
      await this.attempts.forgive(manager, attempt.countedAs);
      throw refusal;
    }
    if (needsRehash) await this.rehash(user, password);
    return this.signIn.afterFirstFactor(manager, user, { method: 'password', client, countedAs: attempt.countedAs });
  }

  private async refuse(attempt: Attempt): Promise<never> {
    await this.attempts.fail(attempt);
    throw new ProblemError('invalid_credentials');
  }

  /** The hash parameters were raised. A password that changed meanwhile stays changed. */
  private async rehash(user: Account, password: string): Promise<void> {
    await replacePassword(this.dataSource.manager, user, await this.hasher.hash(password));
  }
}

function refusalOf({ emailVerifiedAt, suspendedAt }: Account): ProblemError | undefined {
  if (suspendedAt !== null) return new ProblemError('account_suspended');
  return emailVerifiedAt === null ? new ProblemError('email_not_verified') : undefined;
}
