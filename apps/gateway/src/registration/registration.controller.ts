import { register, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post } from '@nestjs/common';
import { Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

@Controller('api/v1/auth')
export class RegistrationController {
  constructor(private readonly rpc: RpcClient) {}

  @Public()
  @RateLimit('registration', 'registration-account')
  @Operation({
    summary: 'Create an account',
    description: 'The answer is the same whether or not the address has an account already; the mail tells.',
    contract: register,
    status: 202,
  })
  @Post('register')
  register(
    @Body({ schema: register.request }) account: RequestOf<typeof register>,
  ): Promise<ResponseOf<typeof register>> {
    return this.rpc.call(register, account);
  }
}
