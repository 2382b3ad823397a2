import { ProblemError, refreshTokenSeconds, type Client, type Session } from '#libs/contracts';
import { newId, queryPrepared } from '#libs/database';
import { hashToken, randomToken } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { currentContext } from '#libs/observability';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { AccessTokenService, type SessionFacts } from '../access-token/access-token.service';
import { SecurityLog } from '../../audit/security-log/security-log';
import { UserViews } from '../../account/user/user-views';
import { refuseSuspended, type Account } from '../../account/user/users.table';
import { endAllSessions, endSessions } from './end-sessions';
import { sessionEnd, startSession, type SessionEndReason } from './sessions.table';

const absoluteSeconds = 30 * 24 * 3600;

const seenBefore = {
  name: 'device-seen-before',
  sql: 'SELECT EXISTS (SELECT FROM sessions WHERE user_id = $1 AND ip = $2 AND user_agent = $3 AND impersonator_id IS NULL) AS seen',
  row: z.object({ seen: z.boolean() }),
};

export interface SignInDetails {
  /** For the security log: `password`, `magic_link`, … */
  readonly method: string;
  readonly client: Client | null;
  readonly isNewDevice: boolean;
  /** When the user proved their identity. Default: now. */
  readonly authenticatedAt?: Date;
  /** Whether the user proved two factors. Default: false. */
  readonly secondFactor?: boolean;
  /** The attempts that this sign-in forgives, in hexadecimal. */
  readonly countedAs?: string;
}

@Injectable()
export class SessionService {
  constructor(
    private readonly accessTokens: AccessTokenService,
    private readonly securityLog: SecurityLog,
    private readonly outbox: Outbox,
    private readonly views: UserViews,
  ) {}

  /** Returns true if the account knows neither the device nor the combination of program and IP address. */
  async isNewDevice(manager: EntityManager, user: Account, client: Client | null): Promise<boolean> {
    if (client === null || client.deviceId !== null) return false;
    const [known] = await queryPrepared(manager, seenBefore, [user.id, client.ip, client.userAgent]);
    return known?.seen !== true;
  }

  /**
   * Starts a session for someone who has proved to be `user`. A new device needs a transaction, because its owner
   * gets an email.
   * @throws ProblemError `account_suspended`; `unauthenticated` if the account's sessions were ended since `user`
   * was read
   */
  async start(manager: EntityManager, user: Account, details: SignInDetails): Promise<Session> {
    refuseSuspended(user);
    const { client, method, isNewDevice, secondFactor = false, countedAs } = details;
    const sessionId = newId();
    const refreshToken = randomToken();
    const [started] = await queryPrepared(manager, startSession, [
      sessionId,
      user.id,
      user.sessionEpoch,
      client?.ip ?? 'unknown',
      client?.userAgent ?? '',
      absoluteSeconds,
      hashToken(refreshToken),
      refreshTokenSeconds,
      newId(),
      isNewDevice ? 'signed_in_from_new_device' : 'signed_in',
      currentContext()?.requestId ?? '',
      JSON.stringify({ method }),
      countedAs === undefined ? null : Buffer.from(countedAs, 'hex'),
      secondFactor,
      details.authenticatedAt,
    ]);
    if (started === undefined) throw new ProblemError('unauthenticated');
    if (isNewDevice) await this.securityLog.notify(manager, user, 'signed_in_from_new_device');
    const facts = { ...started, secondFactor, impersonatorId: null, readOnly: false };
    return this.answer(user, sessionId, facts, refreshToken);
  }

  async answer(user: Account, sessionId: string, facts: SessionFacts, refreshToken: string): Promise<Session> {
    const { accessToken, expiresIn } = this.accessTokens.sign(user, sessionId, facts);
    const { impersonatorId, readOnly } = facts;
    const view = await this.views.of(user, impersonatorId === null ? null : { userId: impersonatorId, readOnly });
    return { type: 'session', accessToken, tokenType: 'Bearer', expiresIn, refreshToken, user: view };
  }

  /**
   * Ends a session and the impersonations from it, and announces it, in the caller's transaction.
   * @returns whether it was open; only one of two concurrent calls gets true
   */
  async end(manager: EntityManager, sessionId: string, reason: SessionEndReason): Promise<boolean> {
    return (await endSessions(manager, this.outbox, sessionEnd.one, [reason, sessionId])).includes(sessionId);
  }

  /** Like `end`, but only for a session of this user. Returns whether it was open. */
  async endOwn(manager: EntityManager, userId: string, sessionId: string): Promise<boolean> {
    return (await endSessions(manager, this.outbox, sessionEnd.oneOfUser, ['revoked', sessionId, userId])).includes(
      sessionId,
    );
  }

  endAll(manager: EntityManager, userId: string, reason: SessionEndReason, but?: string): Promise<number> {
    return endAllSessions(manager, this.outbox, userId, reason, but);
  }
}
