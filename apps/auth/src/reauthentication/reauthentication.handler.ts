import { reauthenticate, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { ReauthenticationService } from './reauthentication.service';

@Controller()
export class ReauthenticationHandler {
  constructor(private readonly service: ReauthenticationService) {}

  @Handles(reauthenticate)
  reauthenticate(
    proof: RequestOf<typeof reauthenticate>,
    { actor }: ContextOf<typeof reauthenticate>,
  ): Promise<ResponseInput<typeof reauthenticate>> {
    return this.service.reauthenticate(actor, proof);
  }
}
