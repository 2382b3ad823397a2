import { ProblemError, required, type AccessTokenResponse } from '#libs/contracts';
import { logger } from '#libs/observability';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { useIdentity } from '../identity/identities.table';
import type { VerifiedIdentity } from '../oidc/claims';
import type { StepUpFlow } from '../oidc/oauth-flows.table';
import { provesSignInSince, signInTimeOf } from '../oidc/sign-in-time';
import { ownerOfOpenSession } from '../../session/session/session-owner';
import { SessionRenewal } from './session-renewal';

/** Step-up by signing in again at a provider with a linked identity. */
@Injectable()
export class ProviderReauthentication {
  constructor(
    private readonly dataSource: DataSource,
    private readonly renewal: SessionRenewal,
  ) {}

  /**
   * @returns null for a client without cookies, which refreshes its session instead
   * @throws ProblemError `oauth_sign_in_not_recent`, `identity_not_linked`; `oauth_failed` if the session has
   * ended
   */
  async finish(
    sessionId: string,
    provider: string,
    identity: VerifiedIdentity,
    { since, cookies, secondFactor }: StepUpFlow,
  ): Promise<AccessTokenResponse | null> {
    const { authenticatedAt } = identity;
    if (!provesSignInSince(authenticatedAt, since)) {
      const reason = authenticatedAt === null ? 'auth_time is missing' : 'auth_time is not of a new sign-in';
      logger().warn({ provider, reason }, 'signing in again at another provider was not proved');
      throw new ProblemError('oauth_sign_in_not_recent');
    }
    const token = await this.dataSource.transaction(async (manager) => {
      const identityOwner = await useIdentity(manager, identity);
      const user = required(await ownerOfOpenSession(manager, sessionId, 'read'), 'oauth_failed');
      if (identityOwner !== user.id) throw new ProblemError('identity_not_linked');
      // It was turned on after the flow started, so no code was required.
      if (user.mfaEnabledAt !== null && !secondFactor) throw new ProblemError('oauth_failed');
      const proved = { provedAt: signInTimeOf(authenticatedAt), details: { method: provider } };
      return this.renewal.renew(manager, { user, sessionId, ...proved, refusal: 'oauth_failed' });
    });
    return cookies ? token : null;
  }
}
