import {
  type finishOauth,
  type linkIdentity,
  type oauthStart,
  type RequestContext,
  type RequestOf,
  type ResponseInput,
  type SessionActor,
} from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { IdentityService } from '../identity/identity.service';
import { ProviderReauthentication } from '../reauthentication/provider-reauthentication.service';
import { atProvider } from '../oidc/at-provider';
import { FederatedSignIn } from './federated-sign-in';
import { OauthFlows, type OauthFlow } from '../oidc/oauth-flows';
import { OidcProviders } from '../oidc/oidc-providers';

type Callback = RequestOf<typeof finishOauth>;

/** The way to an issuer and back, to sign in, to sign in again, or to link an identity. */
@Injectable()
export class OauthService {
  constructor(
    private readonly providers: OidcProviders,
    private readonly flows: OauthFlows,
    private readonly identities: IdentityService,
    private readonly signIn: FederatedSignIn,
    private readonly reauthentication: ProviderReauthentication,
  ) {}

  /** @throws ProblemError `not_found`, `oauth_failed` */
  async begin(flow: OauthFlow): Promise<z.input<typeof oauthStart>> {
    const provider = this.providers.require(flow.provider);
    // Before the flow is noted: while the issuer is away, nothing piles up here.
    await atProvider(provider, () => provider.prepare());
    const { secrets, browserSecret } = await this.flows.begin(flow);
    return { url: await atProvider(provider, () => provider.authorizationUrl(secrets)), browserSecret };
  }

  /** @throws ProblemError `not_found`, `oauth_failed`, `limit_reached`, `unauthenticated` */
  async beginLink(
    { provider, returnTo }: RequestOf<typeof linkIdentity>,
    actor: SessionActor,
  ): Promise<z.input<typeof oauthStart>> {
    await this.identities.requireMayLink(actor);
    return this.begin({ provider, returnTo, sessionId: actor.sessionId });
  }

  /** @throws ProblemError those of the contract */
  async finish(callback: Callback, context: RequestContext): Promise<ResponseInput<typeof finishOauth>> {
    const provider = this.providers.require(callback.provider);
    const { secrets, returnTo, sessionId, stepUp } = await this.flows.finish(callback);
    const identity = await atProvider(provider, () => provider.identify(answerOf(callback), secrets));
    if (sessionId !== null && stepUp !== undefined) {
      const token = await this.reauthentication.finish(sessionId, provider.id, identity, stepUp);
      return { outcome: 'reauthenticated', returnTo, token };
    }
    if (sessionId !== null) {
      await this.identities.link(sessionId, provider.id, identity);
      return { outcome: 'linked', returnTo };
    }
    const answer = await this.signIn.signIn(provider.id, identity, context);
    if ('mfaRequired' in answer) return { outcome: 'mfa_required', mfaToken: answer.mfaToken };
    return { outcome: 'signed_in', returnTo, session: answer };
  }
}

function answerOf({ code, iss, error }: Callback) {
  return {
    ...(code === undefined ? {} : { code }),
    ...(iss === undefined ? {} : { iss }),
    ...(error === undefined ? {} : { error }),
  };
}
