import {
  ProblemError,
  reauthenticate,
  type AccessTokenAnswer,
  type AssertionResponse,
  type PasskeyRequestOptions,
  type RequestOf,
  type SessionActor,
} from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { CodeCheck } from '../totp/code-check';
import { PasskeyAssertions } from '../webauthn/passkey-assertions';
import { PasskeyChallenges } from '../webauthn/passkey-challenges';
import { descriptorsOf } from '../webauthn/passkeys';
import { challengeOf, Webauthn } from '../webauthn/webauthn';
import { PasswordService } from '../password/password.service';
import { attemptsOn } from '../attempt/sign-in-attempts';
import { accountById, type Account } from '../../account/user/users';
import { codeMissing } from './code-missing';
import { SessionRenewal } from './session-renewal';

type Proof = RequestOf<typeof reauthenticate>;

const userVerification = 'required';

/** Step-up: the same proof as at sign-in, for a session that is open already. */
@Injectable()
export class ReauthenticationService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly password: PasswordService,
    private readonly codes: CodeCheck,
    private readonly webauthn: Webauthn,
    private readonly challenges: PasskeyChallenges,
    private readonly assertions: PasskeyAssertions,
    private readonly renewal: SessionRenewal,
  ) {}

  /**
   * A code or a recovery code is needed where two-factor sign-in is on.
   * @throws ProblemError `invalid_credentials`, `invalid_code`, `too_many_attempts`, `password_not_set`, `unauthenticated`
   */
  async reauthenticate(actor: SessionActor, { password, ...proof }: Proof): Promise<AccessTokenAnswer> {
    const account = await accountById(this.dataSource.manager, actor.userId);
    // Before the password is looked at: what is incomplete is no guess.
    if (account?.mfaEnabledAt && Object.keys(proof).length !== 1) throw codeMissing();
    const user = await this.password.requirePassword(actor, password);
    const act = (manager: EntityManager) => this.renew(manager, user, actor.sessionId);
    if (user.mfaEnabledAt === null) return this.dataSource.transaction(act);
    return this.codes.withCode({ user, countedAs: attemptsOn(user.email, actor.sessionId), act }, proof);
  }

  async beginPasskey({ userId }: SessionActor): Promise<PasskeyRequestOptions> {
    const own = await descriptorsOf(this.dataSource.manager, userId);
    const challenge = await this.challenges.issue({ kind: 'reauthenticate', userId });
    return this.webauthn.requestOptions({ challenge, userVerification }, own);
  }

  /** @throws ProblemError `passkey_rejected`, also for the passkey of somebody else; `unauthenticated` */
  async withPasskey({ userId, sessionId }: SessionActor, response: AssertionResponse): Promise<AccessTokenAnswer> {
    const challenge = challengeOf(response);
    await this.challenges.consume({ kind: 'reauthenticate', userId }, challenge);
    const use = await this.assertions.verify(
      this.dataSource.manager,
      { challenge, userVerification, userId },
      response,
    );
    return this.dataSource.transaction(async (manager) => {
      await this.assertions.use(manager, use);
      const user = await accountById(manager, userId);
      if (user === undefined) throw new ProblemError('unauthenticated');
      return this.renew(manager, user, sessionId);
    });
  }

  private async renew(manager: EntityManager, user: Account, sessionId: string): Promise<AccessTokenAnswer> {
    const token = await this.renewal.renew(manager, { user, sessionId });
    if (token === undefined) throw new ProblemError('unauthenticated');
    return token;
  }
}
