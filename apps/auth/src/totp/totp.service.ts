import { ProblemError, type SessionActor, type totpEnrolment } from '#libs/contracts';
import { execute, queryRows } from '#libs/database';
import { Fernet } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../config';
import { CodeCheck } from '../mfa/code-check';
import { removeRecoveryCodes, replaceRecoveryCodes } from '../mfa/recovery-codes';
import { SecurityLog } from '../security-log/security-log';
import { attemptsOn } from '../sign-in/sign-in-attempts';
import { accountById, type Account } from '../user/users';
import { newTotpSecret, otpauthUrl, totpStepOf } from './totp';

const stored = z.object({ secret: z.string(), confirmed: z.boolean() });

/** The authenticator app: enrolment, codes, and turning it off. */
@Injectable()
export class TotpService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
    private readonly codes: CodeCheck,
    private readonly securityLog: SecurityLog,
  ) {}

  /**
   * A secret that counts only once a code of it was given; another begin before that replaces it.
   * @throws ProblemError `mfa_already_enabled`
   */
  async begin({ userId }: SessionActor): Promise<z.output<typeof totpEnrolment>> {
    const user = await this.accountOf(userId);
    const secret = newTotpSecret();
    const begun = await execute(
      this.dataSource.manager,
      `INSERT INTO totp_credentials AS totp (user_id, secret) VALUES ($1, $2)
       ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = now(), last_used_step = 0
       WHERE totp.confirmed_at IS NULL`,
      [userId, this.fernet.encrypt(secret)],
    );
    if (begun === 0) throw new ProblemError('mfa_already_enabled');
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
  async confirm(actor: SessionActor, code: string): Promise<string[]> {
    const user = await this.accountOf(actor.userId);
    const credential = await this.find(this.dataSource.manager, user.id);
    if (credential === undefined) throw new ProblemError('mfa_not_enabled');
    if (credential.confirmed) throw new ProblemError('mfa_already_enabled');
    return this.withCode(actor, user, code, async (manager) => {
      const confirmed = await execute(
        manager,
        'UPDATE totp_credentials SET confirmed_at = now() WHERE user_id = $1 AND confirmed_at IS NULL',
        [user.id],
      );
      if (confirmed === 0) throw new ProblemError('mfa_already_enabled');
      await execute(manager, 'UPDATE users SET mfa_enabled_at = now() WHERE id = $1', [user.id]);
      await this.securityLog.record(manager, user, 'mfa_enabled');
      return replaceRecoveryCodes(manager, user.id);
    });
  }

  /** Turns two-factor sign-in off. @throws ProblemError `invalid_code`, `mfa_not_enabled`, `too_many_attempts` */
  async remove(actor: SessionActor, code: string): Promise<null> {
    const user = await this.requireEnabled(actor);
    return this.withCode(actor, user, code, async (manager) => {
      await execute(manager, 'DELETE FROM totp_credentials WHERE user_id = $1', [user.id]);
      await removeRecoveryCodes(manager, user.id);
      await execute(manager, 'UPDATE users SET mfa_enabled_at = NULL WHERE id = $1', [user.id]);
      await this.securityLog.record(manager, user, 'mfa_disabled');
      return null;
    });
  }

  /** @returns a new set, this once @throws ProblemError `invalid_code`, `mfa_not_enabled`, `too_many_attempts` */
  async replaceCodes(actor: SessionActor, code: string): Promise<string[]> {
    const user = await this.requireEnabled(actor);
    return this.withCode(actor, user, code, async (manager) => {
      await this.securityLog.record(manager, user, 'recovery_codes_replaced');
      return replaceRecoveryCodes(manager, user.id);
    });
  }

  /**
   * Uses a code up: its time step is remembered, so that neither it nor an older one counts again (RFC 6238 section 5.2).
   * @returns whether it was right; of two uses at once, one gets true
   */
  async use(manager: EntityManager, userId: string, code: string): Promise<boolean> {
    const credential = await this.find(manager, userId);
    if (credential === undefined) return false;
    const step = totpStepOf(this.fernet.decrypt(credential.secret), code);
    if (step === null) return false;
    const used = await execute(
      manager,
      'UPDATE totp_credentials SET last_used_step = $2 WHERE user_id = $1 AND last_used_step < $2 AND secret = $3',
      [userId, step, credential.secret],
    );
    return used === 1;
  }

  private withCode<T>(
    { sessionId }: SessionActor,
    { id, email }: Account,
    code: string,
    act: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const use = (manager: EntityManager) => this.use(manager, id, code);
    return this.codes.run({ email, countedAs: attemptsOn(email, sessionId), use, act });
  }

  private async find(manager: EntityManager, userId: string): Promise<z.output<typeof stored> | undefined> {
    const sql = 'SELECT secret, confirmed_at IS NOT NULL AS confirmed FROM totp_credentials WHERE user_id = $1';
    return (await queryRows(manager, sql, [userId], stored))[0];
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
