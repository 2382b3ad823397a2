import {
  beginOauth,
  finishOauth,
  linkIdentity,
  listOauthProviders,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OauthService } from './oauth.service';
import { OidcProviders } from '../oidc/oidc-providers';

@Controller()
export class OauthHandler {
  constructor(
    private readonly providers: OidcProviders,
    private readonly oauth: OauthService,
  ) {}

  @Handles(listOauthProviders)
  async list(): Promise<ResponseInput<typeof listOauthProviders>> {
    return { data: this.providers.list() };
  }

  @Handles(beginOauth)
  begin({ provider, returnTo }: RequestOf<typeof beginOauth>): Promise<ResponseInput<typeof beginOauth>> {
    return this.oauth.begin({ provider, returnTo, sessionId: null });
  }

  @Handles(linkIdentity)
  link(
    input: RequestOf<typeof linkIdentity>,
    { actor }: ContextOf<typeof linkIdentity>,
  ): Promise<ResponseInput<typeof linkIdentity>> {
    return this.oauth.beginLink(input, actor);
  }

  @Handles(finishOauth)
  finish(
    callback: RequestOf<typeof finishOauth>,
    context: ContextOf<typeof finishOauth>,
  ): Promise<ResponseInput<typeof finishOauth>> {
    return this.oauth.finish(callback, context);
  }
}
