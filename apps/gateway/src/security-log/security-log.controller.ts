import { listSecurityEvents, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Get, Query } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';

@Controller('api/v1/users/me/security-log')
export class SecurityLogController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({ summary: 'What happened to your account, newest first', contract: listSecurityEvents, status: 200 })
  @Get()
  list(
    @Query({ schema: listSecurityEvents.request }) page: RequestOf<typeof listSecurityEvents>,
  ): Promise<ResponseOf<typeof listSecurityEvents>> {
    return this.rpc.call(listSecurityEvents, page);
  }
}
