import { completeMfa, ProblemError, type Client, type RequestOf, type Session } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { OneTimeTokens } from '../one-time-token/one-time-tokens';
import { PasskeySecondFactor } from '../passkey/passkey-second-factor';
import { SecurityLog } from '../security-log/security-log';
import { mfaToken, SignInService } from '../sign-in/sign-in.service';
import { TotpService } from '../totp/totp.service';
import { accountById, type Account } from '../user/users';
import { CodeCheck } from './code-check';
import { useRecoveryCode } from './recovery-codes';

type SecondFactor = RequestOf<typeof completeMfa>;

/** The second step of a sign-in. */
@Injectable()
export class MfaService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly codes: CodeCheck,
    private readonly totp: TotpService,
    private readonly passkeys: PasskeySecondFactor,
    private readonly signIn: SignInService,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * A wrong code leaves the token good for another try; a right one uses it up.
   * @throws ProblemError `mfa_token_invalid`, `invalid_code`, `passkey_rejected`, `too_many_attempts`
   */
  async complete(given: SecondFactor, client: Client | null): Promise<Session> {
    const { userId, data } = await this.challengeOf(this.dataSource.manager, given.mfaToken, 'read');
    const user = await accountById(this.dataSource.manager, userId);
    if (user === undefined) throw new ProblemError('mfa_token_invalid');
    const { countedAs, method, passkeyChallengeHash } = data;
    return this.codes.run({
      email: user.email,
      countedAs,
      refusal: given.passkey === undefined ? 'invalid_code' : 'passkey_rejected',
      use: (manager) => this.use(manager, user, given, passkeyChallengeHash),
      act: async (manager) => {
        await this.challengeOf(manager, given.mfaToken, 'consume');
        return this.signIn.complete(manager, user, { method: `${method}+${nameOf(given)}`, client, countedAs });
      },
    });
  }

  /** Why a token is no good is not told apart: the sign-in has to begin again in any case. */
  private async challengeOf(manager: EntityManager, token: string, how: 'read' | 'consume') {
    try {
      return await this.tokens[how](manager, mfaToken, token);
    } catch (error) {
      throw error instanceof ProblemError ? new ProblemError('mfa_token_invalid', { cause: error }) : error;
    }
  }

  private async use(
    manager: EntityManager,
    user: Account,
    { code, recoveryCode, passkey }: SecondFactor,
    passkeyChallengeHash: string | undefined,
  ): Promise<boolean> {
    if (code !== undefined) return this.totp.use(manager, user.id, code);
    if (passkey !== undefined) return this.passkeys.use(manager, user.id, passkeyChallengeHash, passkey);
    if (recoveryCode === undefined || !(await useRecoveryCode(manager, user.id, recoveryCode))) return false;
    await this.securityLog.record(manager, user, 'recovery_code_used');
    return true;
  }
}

function nameOf({ code, recoveryCode }: SecondFactor): string {
  if (code !== undefined) return 'totp';
  return recoveryCode === undefined ? 'passkey' : 'recovery_code';
}
