import {
  beginTotp,
  confirmTotp,
  ProblemError,
  removeTotp,
  replaceRecoveryCodes,
  type CodeProof,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
  type SessionActor,
} from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requireAccount, setMfa, type Account } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { AuthConfig } from '../../config';
import { lockSessionOwner } from '../../session/session/session-owner';
import { attemptsOn } from '../attempt/sign-in-attempts.table';
import { CodeCheck } from './code-check';
import { newRecoveryCodes } from './recovery-codes.table';
import { removeTotpSince } from './totp-removal';
import { newTotpSecret, otpauthUrl } from './totp';
import { beginCredential, confirmCredential, TotpCodes } from './totp-credentials.table';

/** The authenticator app: enrollment, recovery codes, removal. */
@Controller()
export class TotpHandler {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
    private readonly totp: TotpCodes,
    private readonly codes: CodeCheck,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * The secret counts after its first code is confirmed. Beginning again before that replaces it.
   * @throws ProblemError `mfa_already_enabled`
   */
  @Handles(beginTotp)
  async begin(_input: unknown, { actor }: ContextOf<typeof beginTotp>): Promise<ResponseInput<typeof beginTotp>> {
    const secret = newTotpSecret();
    const user = await this.dataSource.transaction(async (manager) => {
      const owner = await lockSessionOwner(manager, actor);
      const isBegun = await beginCredential(manager, owner.id, this.fernet.encrypt(secret));
      if (!isBegun) throw new ProblemError('mfa_already_enabled');
      return owner;
    });
    const url = otpauthUrl(secret, user.email, this.config.appName);
    const { toDataURL, toString } = await import('qrcode');
    return {
      secret,
      otpauthUrl: url,
      qr: { png: await toDataURL(url), svg: await toString(url, { type: 'svg' }) },
    };
  }

  /**
   * Turns two-factor authentication on.
   * @returns the recovery codes, which are never shown again
   * @throws ProblemError `invalid_code`, `mfa_already_enabled`, `mfa_not_enabled`, `too_many_attempts`
   */
  @Handles(confirmTotp)
  async confirm(
    { code }: RequestOf<typeof confirmTotp>,
    { actor }: ContextOf<typeof confirmTotp>,
  ): Promise<ResponseInput<typeof confirmTotp>> {
    const user = await requireAccount(this.dataSource.manager, actor.userId);
    const state = await this.totp.state(this.dataSource.manager, user.id);
    if (state === 'none') throw new ProblemError('mfa_not_enabled');
    if (state === 'confirmed') throw new ProblemError('mfa_already_enabled');
    return this.withCode(actor, user, { code }, async (manager) => {
      if (!(await confirmCredential(manager, user.id))) throw new ProblemError('mfa_already_enabled');
      await setMfa(manager, user.id, true);
      await this.securityLog.record(manager, user, 'mfa_enabled');
      return { recoveryCodes: await newRecoveryCodes(manager, user.id) };
    });
  }

  /**
   * Turns two-factor authentication off.
   * @throws ProblemError `invalid_code`, `mfa_not_enabled`, `too_many_attempts`
   */
  @Handles(removeTotp)
  async remove(proof: RequestOf<typeof removeTotp>, { actor }: ContextOf<typeof removeTotp>): Promise<null> {
    const user = await this.requireEnabled(actor);
    return this.withCode(actor, user, proof, async (manager) => {
      await removeTotpSince(manager, user.id, null);
      await this.securityLog.record(manager, user, 'mfa_disabled');
      return null;
    });
  }

  /**
   * @returns new codes, never shown again @throws ProblemError `invalid_code`, `mfa_not_enabled`,
   * `too_many_attempts`
   */
  @Handles(replaceRecoveryCodes)
  async replaceCodes(
    proof: RequestOf<typeof replaceRecoveryCodes>,
    { actor }: ContextOf<typeof replaceRecoveryCodes>,
  ): Promise<ResponseInput<typeof replaceRecoveryCodes>> {
    const user = await this.requireEnabled(actor);
    return this.withCode(actor, user, proof, async (manager) => {
      await this.securityLog.record(manager, user, 'recovery_codes_replaced');
      return { recoveryCodes: await newRecoveryCodes(manager, user.id) };
    });
  }

  private withCode<T>(
    actor: SessionActor,
    user: Account,
    proof: CodeProof,
    change: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const lock = (manager: EntityManager) => lockSessionOwner(manager, actor);
    const countedAs = attemptsOn(user.email, actor.sessionId);
    return this.codes.withCode({ user, countedAs, lock, act: change }, proof);
  }

  private async requireEnabled({ userId }: SessionActor): Promise<Account> {
    const user = await requireAccount(this.dataSource.manager, userId);
    if (user.mfaEnabledAt === null) throw new ProblemError('mfa_not_enabled');
    return user;
  }
}
