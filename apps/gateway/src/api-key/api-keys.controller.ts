import { createApiKey, listApiKeys, revokeApiKey, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';

@Controller('api/v1/users/me/api-keys')
export class ApiKeysController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({
    summary: 'Your API keys, newest first',
    description: 'Revoked ones are left out; expired ones stay for a month.',
    contract: listApiKeys,
    status: 200,
  })
  @Get()
  list(
    @Query({ schema: listApiKeys.request }) page: RequestOf<typeof listApiKeys>,
  ): Promise<ResponseOf<typeof listApiKeys>> {
    return this.rpc.call(listApiKeys, page);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Create an API key',
    description: 'The key is shown this once. Programs send it as `Authorization: Bearer gw_live_…`.',
    contract: createApiKey,
    status: 201,
    errors: ['csrf_failed'],
  })
  @Post()
  create(
    @Body({ schema: createApiKey.request }) wish: RequestOf<typeof createApiKey>,
  ): Promise<ResponseOf<typeof createApiKey>> {
    return this.rpc.call(createApiKey, wish);
  }

  @Authenticated()
  @Operation({
    summary: 'Revoke one of your API keys',
    description: 'It is refused everywhere within a second.',
    contract: revokeApiKey,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':id')
  async revoke(@Param({ schema: revokeApiKey.request }) which: RequestOf<typeof revokeApiKey>): Promise<void> {
    await this.rpc.call(revokeApiKey, which);
  }
}
