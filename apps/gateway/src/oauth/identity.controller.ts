import {
  linkIdentity,
  listIdentities,
  oauthStart,
  unlinkIdentity,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Delete, Get, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { keepBrowserSecret } from './browser-secret';

const linkAddress = oauthStart.pick({ url: true });

@Controller('api/v1/users/me/identities')
export class IdentityController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @Operation({ summary: 'The other providers that sign in to your account', contract: listIdentities, status: 200 })
  @Get()
  list(): Promise<ResponseOf<typeof listIdentities>> {
    return this.rpc.call(listIdentities, {});
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Begin to link another provider',
    description:
      'Open `url` in this very browser: the cookie that this answer sets is asked for at the end. It leads to `returnTo`.',
    contract: linkIdentity,
    answer: linkAddress,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post()
  async link(
    @Body({ schema: linkIdentity.request }) which: RequestOf<typeof linkIdentity>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof linkAddress>> {
    const { url, browserSecret } = await this.rpc.call(linkIdentity, which);
    keepBrowserSecret(reply, browserSecret);
    return { url };
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Unlink a provider, unless it is the last way to sign in',
    contract: unlinkIdentity,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Delete(':id')
  async unlink(@Param({ schema: unlinkIdentity.request }) which: RequestOf<typeof unlinkIdentity>): Promise<void> {
    await this.rpc.call(unlinkIdentity, which);
  }
}
