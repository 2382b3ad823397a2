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
import { execute } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { accountById, type Account } from '../../account/user/users';
import { SecurityLog } from '../../audit/security-log/security-log';
import { AuthConfig } from '../../config';
import { lockSessionOwner } from '../../session/session/session-owner';
import { attemptsOn } from '../attempt/sign-in-attempts';
import { CodeCheck } from './code-check';
import { newRecoveryCodes, removeRecoveryCodes } from './recovery-codes';
import { newTotpSecret, otpauthUrl } from './totp';
import { TotpCodes } from './totp-codes';

/** The authenticator app: enrollment, codes, and turning it off. */
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
   * A secret that counts only once a code of it was given; another begin before that replaces it.
   * @throws ProblemError `mfa_already_enabled`
   */
  @Handles(beginTotp)
  async begin(_input: unknown, { actor }: ContextOf<typeof beginTotp>): Promise<ResponseInput<typeof beginTotp>> {
    const secret = newTotpSecret();
    const user = await this.dataSource.transaction(async (manager) => {
      const owner = await lockSessionOwner(manager, actor);
      const begun = await execute(
        manager,
        `INSERT INTO totp_credentials AS totp (user_id, secret) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = now(), last_used_step = 0
         WHERE totp.confirmed_at IS NULL`,
        [owner.id, this.fernet.encrypt(secret)],
      );
      if (begun === 0) throw new ProblemError('mfa_already_enabled');
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
   * Turns two-factor sign-in on.
   * @returns the recovery codes, this once
   * @throws ProblemError `invalid_code`, `mfa_already_enabled`, `mfa_not_enabled`, `too_many_attempts`
   */
  @Handles(confirmTotp)
  async confirm(
    { code }: RequestOf<typeof confirmTotp>,
    { actor }: ContextOf<typeof confirmTotp>,
  ): Promise<ResponseInput<typeof confirmTotp>> {
    const user = await this.accountOf(actor.userId);
    const state = await this.totp.state(this.dataSource.manager, user.id);
    if (state === 'none') throw new ProblemError('mfa_not_enabled');
    if (state === 'confirmed') throw new ProblemError('mfa_already_enabled');
    return this.withCode(actor, user, { code }, async (manager) => {
      const confirmed = await execute(
        manager,
        'UPDATE totp_credentials SET confirmed_at = now() WHERE user_id = $1 AND confirmed_at IS NULL',
        [user.id],
      );
      if (confirmed === 0) throw new ProblemError('mfa_already_enabled');
      await execute(manager, 'UPDATE users SET mfa_enabled_at = now() WHERE id = $1', [user.id]);
      await this.securityLog.record(manager, user, 'mfa_enabled');
      return { recoveryCodes: await newRecoveryCodes(manager, user.id) };
    });
  }

  /** Turns two-factor sign-in off. @throws ProblemError `invalid_code`, `mfa_not_enabled`, `too_many_attempts` */
  @Handles(removeTotp)
  async remove(proof: RequestOf<typeof removeTotp>, { actor }: ContextOf<typeof removeTotp>): Promise<null> {
    const user = await this.requireEnabled(actor);
    return this.withCode(actor, user, proof, async (manager) => {
      await execute(manager, 'DELETE FROM totp_credentials WHERE user_id = $1', [user.id]);
      await removeRecoveryCodes(manager, user.id);
      await execute(manager, 'UPDATE users SET mfa_enabled_at = NULL WHERE id = $1', [user.id]);
      await this.securityLog.record(manager, user, 'mfa_disabled');
      return null;
    });
  }

  /** @returns a new set, this once @throws ProblemError `invalid_code`, `mfa_not_enabled`, `too_many_attempts` */
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
    const user = await this.accountOf(userId);
    if (user.mfaEnabledAt === null) throw new ProblemError('mfa_not_enabled');
    return user;
  }

  private async accountOf(userId: string): Promise<Account> {
    const user = await accountById(this.dataSource.manager, userId);
    if (user === undefined) throw new ProblemError('unauthenticated');
    return user;
  }
}
