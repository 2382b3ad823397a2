import type { MfaMethod, Session, SignedIn } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { hashToken } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens.table';
import { PasskeySecondFactor } from '../webauthn/passkey-second-factor';
import { SessionService, type SignInDetails } from '../../session/session/session.service';
import { refuseSuspended, type Account } from '../../account/user/users.table';
import { attemptsOn } from '../attempt/sign-in-attempts.table';

const challenge = z.strictObject({
  /** When the first factor was proved. Ending all sessions also ends unfinished sign-ins. */
  sessionEpoch: z.int(),
  method: z.string(),
  countedAs: z.string(),
  /** A known device. The second step names no account, so it cannot recognize the device. */
  deviceId: z.uuid().nullable(),
  /** When the first factor was proved elsewhere, in ms since 1970. A sign-in is as old as its oldest factor. */
  authenticatedAt: z.int().exactOptional(),
  /** Missing if no passkey was requested. */
  passkeyChallengeHash: z.string().exactOptional(),
});

/** The token between the first and the second factor. Only POST /auth/mfa accepts it. */
export const mfaToken: TokenKind<typeof challenge> = { purpose: 'mfa', lifeSeconds: 300, data: challenge };

/** Without `countedAs`, wrong codes have a count of their own, which strangers cannot raise. */
export interface FirstFactor extends Omit<SignInDetails, 'isNewDevice'> {
  /** Whether this sign-in created the account, so that its owner knows no device yet. */
  readonly isFirstSignIn?: boolean;
}

/** The state machine of every sign-in: first factor → second factor, if the account requires one → session. */
@Injectable()
export class SignInService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly sessions: SessionService,
    private readonly tokens: OneTimeTokens,
    private readonly passkeys: PasskeySecondFactor,
  ) {}

  /** @throws ProblemError `account_suspended`; `unauthenticated` if all sessions were ended since `user` was read */
  async afterFirstFactor(manager: EntityManager, user: Account, factor: FirstFactor): Promise<SignedIn> {
    refuseSuspended(user);
    if (user.mfaEnabledAt === null) return this.complete(manager, user, factor);
    const countedAs = factor.countedAs ?? attemptsOn(user.email, 'second factor');
    const passkeyOptions = await this.passkeys.optionsFor(manager, user.id);
    const codes = await this.codesOf(manager, user.id);
    const data = {
      sessionEpoch: user.sessionEpoch,
      method: factor.method,
      countedAs,
      deviceId: factor.client?.deviceId ?? null,
      ...(factor.authenticatedAt && { authenticatedAt: factor.authenticatedAt.getTime() }),
    };
    if (passkeyOptions === undefined) {
      const token = await this.tokens.issue(manager, mfaToken, user.id, data);
      return { type: 'mfa_required', mfaRequired: true, mfaToken: token, methods: codes };
    }
    const passkeyChallengeHash = hashToken(passkeyOptions.challenge);
    const token = await this.tokens.issue(manager, mfaToken, user.id, { ...data, passkeyChallengeHash });
    return { type: 'mfa_required', mfaRequired: true, mfaToken: token, methods: [...codes, 'passkey'], passkeyOptions };
  }

  /** All required factors were proved. */
  async complete(manager: EntityManager, user: Account, factor: FirstFactor): Promise<Session> {
    const isNewDevice =
      factor.isFirstSignIn !== true && (await this.sessions.isNewDevice(manager, user, factor.client));
    const start = (within: EntityManager) => this.sessions.start(within, user, { ...factor, isNewDevice });
    const needsTransaction = isNewDevice && manager.queryRunner === undefined;
    return needsTransaction ? this.dataSource.transaction(start) : start(manager);
  }

  private async codesOf(manager: EntityManager, userId: string): Promise<MfaMethod[]> {
    const [left] = await queryRows(
      manager,
      'SELECT count(*)::int AS codes FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL',
      [userId],
      z.object({ codes: z.int() }),
    );
    return left === undefined || left.codes === 0 ? ['totp'] : ['totp', 'recovery_code'];
  }
}
