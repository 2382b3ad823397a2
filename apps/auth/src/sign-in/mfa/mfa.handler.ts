import { completeMfa, ProblemError, type ContextOf, type RequestOf, type Session } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { accountById } from '../../account/user/users.table';
import { OneTimeTokens } from '../one-time-token/one-time-tokens.table';
import { mfaToken, SignInService } from '../sign-in/sign-in.service';
import { CodeCheck, type Check } from '../totp/code-check';
import { PasskeySecondFactor } from '../webauthn/passkey-second-factor';

type SecondFactor = RequestOf<typeof completeMfa>;

/** The second step of a sign-in. */
@Controller()
export class MfaHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly codes: CodeCheck,
    private readonly passkeys: PasskeySecondFactor,
    private readonly signIn: SignInService,
  ) {}

  /**
   * A wrong code leaves the token valid for another attempt. A right one consumes it.
   * @throws ProblemError `mfa_token_invalid`, `invalid_code`, `passkey_rejected`, `too_many_attempts`,
   * `account_suspended`
   */
  @Handles(completeMfa)
  async complete(given: RequestOf<typeof completeMfa>, { client }: ContextOf<typeof completeMfa>): Promise<Session> {
    const { userId, data } = await this.challengeOf(this.dataSource.manager, given.mfaToken, 'read');
    const user = await accountById(this.dataSource.manager, userId);
    if (user?.sessionEpoch !== data.sessionEpoch) throw new ProblemError('mfa_token_invalid');
    const { countedAs, passkeyChallengeHash, deviceId, authenticatedAt } = data;
    const method = `${data.method}+${nameOf(given)}`;
    const knownClient = client === null ? null : { ...client, deviceId };
    const check: Check<Session> = {
      user,
      countedAs,
      act: async (manager) => {
        await this.challengeOf(manager, given.mfaToken, 'consume');
        const factor = { method, client: knownClient, countedAs, secondFactor: true };
        const proved = authenticatedAt === undefined ? {} : { authenticatedAt: new Date(authenticatedAt) };
        return this.signIn.complete(manager, user, { ...factor, ...proved });
      },
    };
    const { passkey } = given;
    if (passkey === undefined) return this.codes.withCode(check, given);
    const use = (manager: EntityManager) => this.passkeys.use(manager, user.id, passkeyChallengeHash, passkey);
    return this.codes.run(check, use, 'passkey_rejected');
  }

  /** Does not tell why a token is invalid, because the user must sign in again in any case. */
  private async challengeOf(manager: EntityManager, token: string, how: 'read' | 'consume') {
    try {
      return await this.tokens[how](manager, mfaToken, token);
    } catch (error) {
      throw error instanceof ProblemError ? new ProblemError('mfa_token_invalid', { cause: error }) : error;
    }
  }
}

function nameOf({ code, recoveryCode }: SecondFactor): string {
  if (code !== undefined) return 'totp';
  return recoveryCode === undefined ? 'passkey' : 'recovery_code';
}
