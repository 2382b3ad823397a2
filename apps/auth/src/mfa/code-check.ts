import { ProblemError, type ErrorCode } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { SignInAttempts } from '../sign-in/sign-in-attempts';

export interface CodeUse<T> {
  /** Whose account it is, for the mail when too many were wrong. */
  readonly email: string;
  /** Whose attempts are counted together, as hex. */
  readonly countedAs: string;
  /** Uses the code up. @returns whether it was right */
  readonly use: (manager: EntityManager) => Promise<boolean>;
  readonly act: (manager: EntityManager) => Promise<T>;
  /** What a wrong one is refused with. Default: `invalid_code`. */
  readonly refusal?: ErrorCode;
}

/** Lets an act happen with a right code, and only with it: the code is used up in the act's own transaction. */
@Injectable()
export class CodeCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly attempts: SignInAttempts,
  ) {}

  /** @throws ProblemError `too_many_attempts`, and the refusal */
  async run<T>({ email, countedAs, use, act, refusal = 'invalid_code' }: CodeUse<T>): Promise<T> {
    const attempt = await this.attempts.begin(countedAs);
    const done = await this.dataSource.transaction(async (manager) => {
      if (!(await use(manager))) return undefined;
      await this.attempts.forgive(manager, countedAs);
      return { result: await act(manager) };
    });
    if (done !== undefined) return done.result;
    await this.attempts.fail(attempt, email);
    throw new ProblemError(refusal);
  }
}
