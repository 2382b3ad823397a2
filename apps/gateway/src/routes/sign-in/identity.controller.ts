import { linkIdentity, oauthStart, type RequestOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { keepBrowserSecret } from './browser-secret';
import { Route } from '../contract/route';

const linkAddress = oauthStart.pick({ url: true });

@Controller()
export class IdentityController {
  constructor(private readonly rpc: RpcClient) {}

  @Route(linkIdentity, { response: linkAddress })
  async link(
    @Body({ schema: linkIdentity.request }) which: RequestOf<typeof linkIdentity>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof linkAddress>> {
    const { url, browserSecret } = await this.rpc.call(linkIdentity, which);
    keepBrowserSecret(reply, browserSecret);
    return { url };
  }
}
