import {
  beginTotp,
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { TotpService } from './totp.service';

@Controller()
export class TotpHandler {
  constructor(private readonly totp: TotpService) {}

  @Handles(beginTotp)
  begin(
    _input: RequestOf<typeof beginTotp>,
    { actor }: ContextOf<typeof beginTotp>,
  ): Promise<ResponseInput<typeof beginTotp>> {
    return this.totp.begin(actor);
  }

  @Handles(confirmTotp)
  async confirm(
    { code }: RequestOf<typeof confirmTotp>,
    { actor }: ContextOf<typeof confirmTotp>,
  ): Promise<ResponseInput<typeof confirmTotp>> {
    return { recoveryCodes: await this.totp.confirm(actor, code) };
  }

  @Handles(removeTotp)
  remove(
    proof: RequestOf<typeof removeTotp>,
    { actor }: ContextOf<typeof removeTotp>,
  ): Promise<ResponseInput<typeof removeTotp>> {
    return this.totp.remove(actor, proof);
  }

  @Handles(replaceRecoveryCodes)
  async replaceCodes(
    proof: RequestOf<typeof replaceRecoveryCodes>,
    { actor }: ContextOf<typeof replaceRecoveryCodes>,
  ): Promise<ResponseInput<typeof replaceRecoveryCodes>> {
    return { recoveryCodes: await this.totp.replaceCodes(actor, proof) };
  }
}
