import { reauthenticate, type AccessTokenResponse, type ContextOf, type RequestOf } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { accountById } from '../../account/user/users.table';
import { attemptsOn } from '../attempt/sign-in-attempts.table';
import { PasswordProof } from '../password/password-proof';
import { CodeCheck } from '../totp/code-check';
import { codeMissing } from './code-missing';
import { SessionRenewal } from './session-renewal';

/** Step-up: the same proof as at sign-in, for an open session. */
@Controller()
export class ReauthenticationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordProof,
    private readonly codes: CodeCheck,
    private readonly renewal: SessionRenewal,
  ) {}

  /**
   * With two-factor authentication, it also needs a code or recovery code.
   * @throws ProblemError `invalid_credentials`, `invalid_code`, `too_many_attempts`, `password_not_set`,
   * `unauthenticated`
   */
  @Handles(reauthenticate)
  async reauthenticate(
    { password, ...proof }: RequestOf<typeof reauthenticate>,
    { actor }: ContextOf<typeof reauthenticate>,
  ): Promise<AccessTokenResponse> {
    const account = await accountById(this.dataSource.manager, actor.userId);
    // Check this first, because an incomplete request is not a guess.
    if (account?.mfaEnabledAt && Object.keys(proof).length !== 1) throw codeMissing();
    const user = await this.passwords.require(actor, password);
    const { sessionId } = actor;
    const act = (manager: EntityManager) => this.renewal.renew(manager, { user, sessionId });
    if (user.mfaEnabledAt === null) return this.dataSource.transaction(act);
    return this.codes.withCode({ user, countedAs: attemptsOn(user.email, sessionId), act }, proof);
  }
}
