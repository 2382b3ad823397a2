import { changePassword, forgotPassword, resetPassword, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post } from '@nestjs/common';
import { Authenticated, Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

@Controller('api/v1/auth/password')
export class PasswordController {
  constructor(private readonly rpc: RpcClient) {}

  @Public()
  @RateLimit('mailed-link', 'mailed-link-account')
  @Operation({
    summary: 'Ask for a link to choose a new password',
    description: 'The answer is the same whether or not the address has an account.',
    contract: forgotPassword,
    status: 202,
  })
  @Post('forgot')
  forgot(
    @Body({ schema: forgotPassword.request }) whom: RequestOf<typeof forgotPassword>,
  ): Promise<ResponseOf<typeof forgotPassword>> {
    return this.rpc.call(forgotPassword, whom);
  }

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Choose a new password with the token from the mail',
    description: 'Ends every session of the account.',
    contract: resetPassword,
    status: 204,
  })
  @Post('reset')
  async reset(@Body({ schema: resetPassword.request }) proof: RequestOf<typeof resetPassword>): Promise<void> {
    await this.rpc.call(resetPassword, proof);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Change the password',
    description: 'Ends the other sessions of the account.',
    contract: changePassword,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Post('change')
  async change(@Body({ schema: changePassword.request }) change: RequestOf<typeof changePassword>): Promise<void> {
    await this.rpc.call(changePassword, change);
  }
}
