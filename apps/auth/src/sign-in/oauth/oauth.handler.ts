import {
  beginOauth,
  finishOauth,
  linkIdentity,
  listOauthProviders,
  type ContextOf,
  type oauthStart,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import type { z } from 'zod';
import { IdentityLinks } from '../identity/identity-links';
import { atProvider } from '../oidc/at-provider';
import { OauthFlows, type OauthFlow } from '../oidc/oauth-flows.table';
import { OidcProviders } from '../oidc/oidc-providers';
import { ProviderReauthentication } from '../reauthentication/provider-reauthentication';
import { FederatedSignIn } from './federated-sign-in';

type Callback = RequestOf<typeof finishOauth>;
type Start = z.input<typeof oauthStart>;

/** Sends users to an issuer and back: to sign in, to step up, or to link an identity. */
@Controller()
export class OauthHandler {
  constructor(
    private readonly providers: OidcProviders,
    private readonly flows: OauthFlows,
    private readonly identities: IdentityLinks,
    private readonly signIn: FederatedSignIn,
    private readonly reauthentication: ProviderReauthentication,
  ) {}

  @Handles(listOauthProviders)
  async list(): Promise<ResponseInput<typeof listOauthProviders>> {
    return { data: this.providers.list() };
  }

  /** @throws ProblemError `not_found`, `oauth_failed` */
  @Handles(beginOauth)
  begin({ provider, returnTo }: RequestOf<typeof beginOauth>): Promise<Start> {
    return this.start({ provider, returnTo, sessionId: null });
  }

  /** @throws ProblemError `not_found`, `oauth_failed`, `limit_reached`, `unauthenticated` */
  @Handles(linkIdentity)
  async beginLink(
    { provider, returnTo }: RequestOf<typeof linkIdentity>,
    { actor }: ContextOf<typeof linkIdentity>,
  ): Promise<Start> {
    await this.identities.requireMayLink(actor);
    return this.start({ provider, returnTo, sessionId: actor.sessionId });
  }

  /** @throws ProblemError those of the contract */
  @Handles(finishOauth)
  async finish(callback: Callback, context: ContextOf<typeof finishOauth>): Promise<ResponseInput<typeof finishOauth>> {
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
    if (answer.type === 'mfa_required') return { outcome: 'mfa_required', mfaToken: answer.mfaToken };
    return { outcome: 'signed_in', returnTo, session: answer };
  }

  private async start(flow: OauthFlow): Promise<Start> {
    const provider = this.providers.require(flow.provider);
    // Check that the issuer responds before storing a flow, so that none pile up while it is down.
    await atProvider(provider, () => provider.prepare());
    const { secrets, browserSecret } = await this.flows.begin(flow);
    return { url: await atProvider(provider, () => provider.authorizationUrl(secrets)), browserSecret };
  }
}

function answerOf({ code, iss, error }: Callback) {
  return {
    ...(code === undefined ? {} : { code }),
    ...(iss === undefined ? {} : { iss }),
    ...(error === undefined ? {} : { error }),
  };
}
