import { accessTokenAnswer, reauthenticate, type RequestOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { setAccessCookie } from '../session/session-cookies';

const cookieAnswer = z.strictObject({ expiresIn: z.int() });
const answer = z.union([accessTokenAnswer, cookieAnswer]);

@Controller('api/v1/auth')
export class ReauthenticationController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Confirm who you are, before a sensitive act',
    description: 'Gives an access token of the same session that counts as a recent sign-in for ten minutes.',
    contract: reauthenticate,
    status: 200,
    answer,
    errors: ['csrf_failed'],
  })
  @Post('reauthenticate')
  async reauthenticate(
    @Body({ schema: reauthenticate.request }) proof: RequestOf<typeof reauthenticate>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof answer>> {
    const token = await this.rpc.call(reauthenticate, proof);
    if (request.credential !== 'cookie') return token;
    setAccessCookie(reply, token);
    return { expiresIn: token.expiresIn };
  }
}
