import {
  beginTotp,
  confirmTotp,
  removeTotp,
  replaceRecoveryCodes,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Post } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

@Controller('api/v1/users/me/mfa')
export class TotpController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Begin to set up an authenticator app',
    description: 'The secret is shown this once. Nothing is asked for at sign-in until a first code has confirmed it.',
    contract: beginTotp,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('totp')
  begin(): Promise<ResponseOf<typeof beginTotp>> {
    return this.rpc.call(beginTotp, {});
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Turn two-factor sign-in on with a first code',
    description: 'Gives ten recovery codes, this once.',
    contract: confirmTotp,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('totp/confirm')
  confirm(
    @Body({ schema: confirmTotp.request }) proof: RequestOf<typeof confirmTotp>,
  ): Promise<ResponseOf<typeof confirmTotp>> {
    return this.rpc.call(confirmTotp, proof);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({ summary: 'Turn two-factor sign-in off', contract: removeTotp, status: 204, errors: ['csrf_failed'] })
  @Delete('totp')
  async remove(@Body({ schema: removeTotp.request }) proof: RequestOf<typeof removeTotp>): Promise<void> {
    await this.rpc.call(removeTotp, proof);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Replace the recovery codes',
    description: 'The old ones stop working; the new ones are shown this once.',
    contract: replaceRecoveryCodes,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('recovery-codes')
  replaceCodes(
    @Body({ schema: replaceRecoveryCodes.request }) proof: RequestOf<typeof replaceRecoveryCodes>,
  ): Promise<ResponseOf<typeof replaceRecoveryCodes>> {
    return this.rpc.call(replaceRecoveryCodes, proof);
  }
}
