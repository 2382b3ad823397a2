import { getSigningKeys, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { SigningKeyService } from './signing-key.service';

@Controller()
export class AccessTokenHandler {
  constructor(private readonly signingKeys: SigningKeyService) {}

  @Handles(getSigningKeys)
  keys(): Promise<ResponseInput<typeof getSigningKeys>> {
    return this.signingKeys.published();
  }
}
