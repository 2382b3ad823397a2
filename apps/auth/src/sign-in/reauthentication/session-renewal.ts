import { ProblemError, type AccessTokenAnswer } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { AccessTokenService } from '../../session/access-token/access-token.service';
import { SecurityLog, type SecurityEventDetails } from '../../audit/security-log/security-log';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts';
import type { Account } from '../../account/user/users';

const row = z.object({ authenticatedAt: z.date(), expiresAt: z.date(), secondFactor: z.boolean() });

export interface StepUp {
  readonly user: Account;
  readonly sessionId: string;
  /** When the person proved who they are. Default: now. */
  readonly provedAt?: Date;
  readonly details?: SecurityEventDetails;
  /** Default `unauthenticated`. */
  readonly refusal?: 'unauthenticated' | 'oauth_failed';
}

/** What every step-up leads to: the session counts as signed in recently, and gets an access token that says so. */
@Injectable()
export class SessionRenewal {
  constructor(
    private readonly attempts: SignInAttempts,
    private readonly accessTokens: AccessTokenService,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @throws ProblemError `refusal` when the session has ended, or when staff act in it as somebody else */
  async renew(
    manager: EntityManager,
    { user, sessionId, provedAt, details, refusal = 'unauthenticated' }: StepUp,
  ): Promise<AccessTokenAnswer> {
    const [renewed] = await queryRows(
      manager,
      `UPDATE sessions SET last_seen_at = now(),
         authenticated_at = greatest(authenticated_at, least($4::timestamptz, now()))
       WHERE id = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > now() AND epoch = $3 AND impersonator_id IS NULL
       RETURNING authenticated_at AS "authenticatedAt", expires_at AS "expiresAt", second_factor AS "secondFactor"`,
      [sessionId, user.id, user.sessionEpoch, provedAt],
      row,
    );
    if (renewed === undefined) throw new ProblemError(refusal);
    await this.attempts.forgive(manager, attemptsOn(user.email, sessionId));
    await this.securityLog.record(manager, user, 'reauthenticated', details);
    const facts = { ...renewed, impersonatorId: null, readOnly: false };
    const { accessToken, expiresIn } = this.accessTokens.sign(user, sessionId, facts);
    return { accessToken, tokenType: 'Bearer', expiresIn };
  }
}
