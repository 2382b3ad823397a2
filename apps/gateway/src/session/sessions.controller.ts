import { listSessions, revokeOtherSessions, revokeSession, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Delete, Get, Param } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';

@Controller('api/v1/users/me/sessions')
export class SessionsController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({ summary: 'Where you are signed in', contract: listSessions, status: 200 })
  @Get()
  list(): Promise<ResponseOf<typeof listSessions>> {
    return this.rpc.call(listSessions, {});
  }

  @Authenticated()
  @Operation({
    summary: 'Sign out one of your sessions',
    contract: revokeSession,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':id')
  async revoke(@Param({ schema: revokeSession.request }) which: RequestOf<typeof revokeSession>): Promise<void> {
    await this.rpc.call(revokeSession, which);
  }

  @Authenticated()
  @Operation({
    summary: 'Sign out all your other sessions',
    contract: revokeOtherSessions,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete()
  async revokeOthers(): Promise<void> {
    await this.rpc.call(revokeOtherSessions, {});
  }
}
