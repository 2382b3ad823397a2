import { accessTokenSeconds, refreshTokenSeconds, sessionRevoked, type Client, type Session } from '#libs/contracts';
import { newId, queryRows } from '#libs/database';
import { hashToken, randomToken } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { AccessTokenService } from '../access-token/access-token.service';
import type { User } from '../user/user.entity';
import { userView } from '../user/user-view';
import { RefreshToken } from './refresh-token.entity';
import { SessionRecord, type SessionEndReason } from './session.entity';

const absoluteSeconds = 30 * 24 * 3600;
/** Clocks differ, and a token may be signed a moment after its session was read: revocations are kept this much longer. */
const clockLeewaySeconds = 60;

@Injectable()
export class SessionService {
  constructor(
    private readonly accessTokens: AccessTokenService,
    private readonly outbox: Outbox,
  ) {}

  /** Signs a person in: a new session with its first refresh token, in the caller's transaction. */
  async start(manager: EntityManager, user: User, client: Client | null): Promise<Session> {
    const { ip = 'unknown', userAgent = '' } = client ?? {};
    const now = new Date();
    const session = {
      id: newId(),
      userId: user.id,
      ip,
      userAgent,
      lastSeenAt: now,
      expiresAt: secondsAfter(now, absoluteSeconds),
    };
    await manager.insert(SessionRecord, session);
    const refreshToken = randomToken();
    await manager.insert(RefreshToken, {
      hash: hashToken(refreshToken),
      sessionId: session.id,
      expiresAt: secondsAfter(now, refreshTokenSeconds),
    });
    return this.answer(user, session.id, refreshToken);
  }

  async answer(user: User, sessionId: string, refreshToken: string): Promise<Session> {
    const accessToken = await this.accessTokens.sign({ userId: user.id, sessionId });
    return { accessToken, tokenType: 'Bearer', expiresIn: accessTokenSeconds, refreshToken, user: userView(user) };
  }

  /**
   * Ends a session and announces it to those who verify access tokens locally, in the caller's transaction.
   * @returns whether it was still open: of two that end it at once, one gets true
   */
  async end(manager: EntityManager, sessionId: string, reason: SessionEndReason): Promise<boolean> {
    const ended = await queryRows(
      manager,
      'UPDATE sessions SET ended_at = now(), end_reason = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id',
      [sessionId, reason],
      z.object({ id: z.uuid() }),
    );
    if (ended.length === 0) return false;
    const accessTokensExpireAt = secondsAfter(new Date(), accessTokenSeconds + clockLeewaySeconds).toISOString();
    await this.outbox.add(manager, sessionRevoked, { sessionId, accessTokensExpireAt });
    return true;
  }
}

function secondsAfter(start: Date, seconds: number): Date {
  return new Date(start.getTime() + seconds * 1000);
}
