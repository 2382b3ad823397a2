import {
  confirmEmailChange,
  requestEmailChange,
  undoEmailChange,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post } from '@nestjs/common';
import { Authenticated, Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

@Controller('api/v1/users/me/email')
export class EmailChangeController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('mailed-link')
  @Operation({
    summary: 'Ask for another e-mail address',
    description:
      'A mail to the new address has the link that confirms it. The answer is the same if the address is taken.',
    contract: requestEmailChange,
    status: 202,
    errors: ['csrf_failed'],
  })
  @Post()
  request(
    @Body({ schema: requestEmailChange.request }) change: RequestOf<typeof requestEmailChange>,
  ): Promise<ResponseOf<typeof requestEmailChange>> {
    return this.rpc.call(requestEmailChange, change);
  }

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Confirm the new address with the token that was mailed there',
    contract: confirmEmailChange,
    status: 204,
  })
  @Post('confirm')
  async confirm(
    @Body({ schema: confirmEmailChange.request }) proof: RequestOf<typeof confirmEmailChange>,
  ): Promise<void> {
    await this.rpc.call(confirmEmailChange, proof);
  }

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Take a change of address back with the token that was mailed to the old one',
    description: 'Ends every session of the account and mails a link to choose a new password.',
    contract: undoEmailChange,
    status: 204,
  })
  @Post('undo')
  async undo(@Body({ schema: undoEmailChange.request }) proof: RequestOf<typeof undoEmailChange>): Promise<void> {
    await this.rpc.call(undoEmailChange, proof);
  }
}
