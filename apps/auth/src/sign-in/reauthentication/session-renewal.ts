import { required, type AccessTokenResponse } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { renewSession } from '../../session/session/sessions.table';
import { AccessTokenService } from '../../session/access-token/access-token.service';
import { SecurityLog, type SecurityEventDetails } from '../../audit/security-log/security-log';
import { attemptsOn, SignInAttempts } from '../attempt/sign-in-attempts.table';
import type { Account } from '../../account/user/users.table';

export interface StepUp {
  readonly user: Account;
  readonly sessionId: string;
  /** When the user proved their identity. Default: now. */
  readonly provedAt?: Date;
  readonly details?: SecurityEventDetails;
  /** Default: `unauthenticated`. */
  readonly refusal?: 'unauthenticated' | 'oauth_failed';
}

/** The result of every step-up: the session counts as recently signed in and gets a new access token. */
@Injectable()
export class SessionRenewal {
  constructor(
    private readonly attempts: SignInAttempts,
    private readonly accessTokens: AccessTokenService,
    private readonly securityLog: SecurityLog,
  ) {}

  /** @throws ProblemError `refusal` if the session has ended or is an impersonation */
  async renew(
    manager: EntityManager,
    { user, sessionId, provedAt, details, refusal = 'unauthenticated' }: StepUp,
  ): Promise<AccessTokenResponse> {
    const renewed = required(await renewSession(manager, user, sessionId, provedAt), refusal);
    await this.attempts.forgive(manager, attemptsOn(user.email, sessionId));
    await this.securityLog.record(manager, user, 'reauthenticated', details);
    const facts = { ...renewed, impersonatorId: null, readOnly: false };
    const { accessToken, expiresIn } = this.accessTokens.sign(user, sessionId, facts);
    return { accessToken, tokenType: 'Bearer', expiresIn };
  }
}
