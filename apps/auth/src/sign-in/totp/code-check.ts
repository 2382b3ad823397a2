import { ProblemError, type CodeProof, type ErrorCode } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SignInAttempts } from '../attempt/sign-in-attempts.table';
import { TotpCodes } from './totp-credentials.table';
import type { Account } from '../../account/user/users.table';
import { useRecoveryCode } from './recovery-codes.table';

export interface Check<T> {
  readonly user: Account;
  /** Identifies the count of attempts, in hexadecimal. */
  readonly countedAs: string;
  /** What to lock before the factor. */
  readonly lock?: (manager: EntityManager) => Promise<unknown>;
  readonly act: (manager: EntityManager) => Promise<T>;
}

/** Allows an act only with a valid second factor. The code is consumed in the transaction of the act. */
@Injectable()
export class CodeCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly attempts: SignInAttempts,
    private readonly totp: TotpCodes,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @throws ProblemError `too_many_attempts`, `invalid_code` */
  withCode<T>(check: Check<T>, proof: CodeProof): Promise<T> {
    return this.run(check, (manager) => this.useCode(manager, check.user, proof), 'invalid_code');
  }

  /**
   * @param use consumes the factor and returns whether it was valid
   * @param refusal the error for an invalid factor
   * @throws ProblemError `too_many_attempts`, and the refusal
   */
  async run<T>(
    { user, countedAs, lock, act }: Check<T>,
    use: (manager: EntityManager) => Promise<boolean>,
    refusal: ErrorCode,
  ): Promise<T> {
    const attempt = await this.attempts.begin(countedAs, user.email);
    const done = await this.dataSource.transaction(async (manager) => {
      await lock?.(manager);
      if (!(await use(manager))) return undefined;
      await this.attempts.forgive(manager, countedAs);
      return { result: await act(manager) };
    });
    if (done !== undefined) return done.result;
    await this.attempts.fail(attempt);
    throw new ProblemError(refusal);
  }

  private async useCode(manager: EntityManager, user: Account, { code, recoveryCode }: CodeProof): Promise<boolean> {
    if (code !== undefined) return this.totp.use(manager, user.id, code);
    if (recoveryCode === undefined || !(await useRecoveryCode(manager, user.id, recoveryCode))) return false;
    await this.securityLog.record(manager, user, 'recovery_code_used');
    return true;
  }
}
