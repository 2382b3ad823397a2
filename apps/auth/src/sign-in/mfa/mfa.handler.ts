import { completeMfa, type ContextOf, type RequestOf, type ResponseInput } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { MfaService } from './mfa.service';

@Controller()
export class MfaHandler {
  constructor(private readonly mfa: MfaService) {}

  @Handles(completeMfa)
  complete(
    given: RequestOf<typeof completeMfa>,
    { client }: ContextOf<typeof completeMfa>,
  ): Promise<ResponseInput<typeof completeMfa>> {
    return this.mfa.complete(given, client);
  }
}
