import {
  beginOauthReauthentication,
  beginPasskeyReauthentication,
  reauthenticate,
  reauthenticateWithPasskey,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { ProviderReauthentication } from './provider-reauthentication.service';
import { ReauthenticationService } from './reauthentication.service';

@Controller()
export class ReauthenticationHandler {
  constructor(
    private readonly service: ReauthenticationService,
    private readonly atProviders: ProviderReauthentication,
  ) {}

  @Handles(reauthenticate)
  reauthenticate(
    proof: RequestOf<typeof reauthenticate>,
    { actor }: ContextOf<typeof reauthenticate>,
  ): Promise<ResponseInput<typeof reauthenticate>> {
    return this.service.reauthenticate(actor, proof);
  }

  @Handles(beginPasskeyReauthentication)
  beginPasskey(
    _input: RequestOf<typeof beginPasskeyReauthentication>,
    { actor }: ContextOf<typeof beginPasskeyReauthentication>,
  ): Promise<ResponseInput<typeof beginPasskeyReauthentication>> {
    return this.service.beginPasskey(actor);
  }

  @Handles(reauthenticateWithPasskey)
  withPasskey(
    { response }: RequestOf<typeof reauthenticateWithPasskey>,
    { actor }: ContextOf<typeof reauthenticateWithPasskey>,
  ): Promise<ResponseInput<typeof reauthenticateWithPasskey>> {
    return this.service.withPasskey(actor, response);
  }

  @Handles(beginOauthReauthentication)
  beginAtProvider(
    input: RequestOf<typeof beginOauthReauthentication>,
    { actor }: ContextOf<typeof beginOauthReauthentication>,
  ): Promise<ResponseInput<typeof beginOauthReauthentication>> {
    return this.atProviders.begin(input, actor);
  }
}
