import { listIdentities, unlinkIdentity, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { IdentityService } from './identity.service';

@Controller()
export class IdentityHandler {
  constructor(private readonly identities: IdentityService) {}

  @Handles(listIdentities)
  list(
    _input: RequestOf<typeof listIdentities>,
    { actor }: ContextOf<typeof listIdentities>,
  ): Promise<ResponseInput<typeof listIdentities>> {
    return this.identities.list(actor);
  }

  @Handles(unlinkIdentity)
  unlink(
    { id }: RequestOf<typeof unlinkIdentity>,
    { actor }: ContextOf<typeof unlinkIdentity>,
  ): Promise<ResponseInput<typeof unlinkIdentity>> {
    return this.identities.unlink(actor, id);
  }
}
