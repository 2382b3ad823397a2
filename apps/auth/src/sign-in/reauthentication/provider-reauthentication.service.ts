import {
  ProblemError,
  type AccessTokenAnswer,
  type beginOauthReauthentication,
  type oauthStart,
  type RequestOf,
  type SessionActor,
} from '#libs/contracts';
import { logger } from '#libs/observability';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { hasIdentityAt, useIdentity } from '../identity/identities';
import { CodeCheck } from '../totp/code-check';
import { atProvider } from '../oidc/at-provider';
import type { VerifiedIdentity } from '../oidc/claims';
import { OauthFlows, type StepUpFlow } from '../oidc/oauth-flows';
import { OidcProviders } from '../oidc/oidc-providers';
import { provesSignInSince, signInTimeOf } from '../oidc/sign-in-time';
import { ownerOfOpenSession } from '../../session/session/session-owner';
import { attemptsOn } from '../attempt/sign-in-attempts';
import { accountById } from '../../account/user/users';
import { codeMissing } from './code-missing';
import { SessionRenewal } from './session-renewal';

/** Step-up by signing in again at a provider whose identity is linked to the account. */
@Injectable()
export class ProviderReauthentication {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OidcProviders,
    private readonly flows: OauthFlows,
    private readonly codes: CodeCheck,
    private readonly renewal: SessionRenewal,
  ) {}

  /**
   * A code or a recovery code is needed where two-factor authentication is on, as with the password. It is used up with the
   * flow's row in one transaction, and after the issuer has shown that it is there.
   * @throws ProblemError `not_found`, `identity_not_linked`, `oauth_failed`, `invalid_code`, `too_many_attempts`, `unauthenticated`
   */
  async begin(
    { provider: id, returnTo, cookies, ...proof }: RequestOf<typeof beginOauthReauthentication>,
    { userId, sessionId }: SessionActor,
  ): Promise<z.input<typeof oauthStart>> {
    const provider = this.providers.require(id);
    const user = await accountById(this.dataSource.manager, userId);
    if (user === undefined) throw new ProblemError('unauthenticated');
    const secondFactor = user.mfaEnabledAt !== null;
    if (secondFactor && Object.keys(proof).length !== 1) throw codeMissing();
    if (!(await hasIdentityAt(this.dataSource.manager, userId, id))) throw new ProblemError('identity_not_linked');
    await atProvider(provider, () => provider.prepare());
    const stepUp = { since: Date.now(), cookies, secondFactor };
    const begin = (manager: EntityManager) => this.flows.begin({ provider: id, returnTo, sessionId, stepUp }, manager);
    const check = { user, countedAs: attemptsOn(user.email, sessionId), act: begin };
    const begun = secondFactor ? await this.codes.withCode(check, proof) : await begin(this.dataSource.manager);
    const url = await atProvider(provider, () => provider.authorizationUrl(begun.secrets, 'sign in again'));
    return { url, browserSecret: begun.browserSecret };
  }

  /**
   * @returns null for a client that does not want cookies: it refreshes its session
   * @throws ProblemError `oauth_sign_in_not_recent`, `identity_not_linked`; `oauth_failed` when the session has ended meanwhile
   */
  async finish(
    sessionId: string,
    provider: string,
    identity: VerifiedIdentity,
    { since, cookies, secondFactor }: StepUpFlow,
  ): Promise<AccessTokenAnswer | null> {
    const { authenticatedAt } = identity;
    if (!provesSignInSince(authenticatedAt, since)) {
      const reason = authenticatedAt === null ? 'auth_time is missing' : 'auth_time is not of a new sign-in';
      logger().warn({ provider, reason }, 'signing in again at another provider was not proved');
      throw new ProblemError('oauth_sign_in_not_recent');
    }
    const token = await this.dataSource.transaction(async (manager) => {
      const identityOwner = await useIdentity(manager, identity);
      const user = await ownerOfOpenSession(manager, sessionId, 'read');
      if (user === undefined) throw new ProblemError('oauth_failed');
      if (identityOwner !== user.id) throw new ProblemError('identity_not_linked');
      // It was turned on after the flow began, so that no code was asked for.
      if (user.mfaEnabledAt !== null && !secondFactor) throw new ProblemError('oauth_failed');
      const details = { method: provider };
      return this.renewal.renew(manager, { user, sessionId, provedAt: signInTimeOf(authenticatedAt), details });
    });
    if (token === undefined) throw new ProblemError('oauth_failed');
    return cookies ? token : null;
  }
}
