import {
  beginOauthReauthentication,
  ProblemError,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { requireAccount } from '../../account/user/users.table';
import { attemptsOn } from '../attempt/sign-in-attempts.table';
import { hasIdentityAt } from '../identity/identities.table';
import { atProvider } from '../oidc/at-provider';
import { OauthFlows } from '../oidc/oauth-flows.table';
import { OidcProviders } from '../oidc/oidc-providers';
import { CodeCheck } from '../totp/code-check';
import { codeMissing } from './code-missing';

/** Starts a step-up at a provider. `finishOauth` completes it. */
@Controller()
export class ProviderReauthenticationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly providers: OidcProviders,
    private readonly flows: OauthFlows,
    private readonly codes: CodeCheck,
  ) {}

  /**
   * With two-factor authentication, it also needs a code or recovery code. The code is consumed in one
   * transaction with the flow's row, after the issuer has responded.
   * @throws ProblemError `not_found`, `identity_not_linked`, `oauth_failed`, `invalid_code`, `too_many_attempts`,
   * `unauthenticated`
   */
  @Handles(beginOauthReauthentication)
  async begin(
    { provider: id, returnTo, cookies, ...proof }: RequestOf<typeof beginOauthReauthentication>,
    { actor: { userId, sessionId } }: ContextOf<typeof beginOauthReauthentication>,
  ): Promise<ResponseInput<typeof beginOauthReauthentication>> {
    const provider = this.providers.require(id);
    const user = await requireAccount(this.dataSource.manager, userId);
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
}
