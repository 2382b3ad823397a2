import { requestMagicLink, signInWithMagicLink, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, signInAnswer, type SignInAnswer } from '../session/session-answer';

@Controller('api/v1/auth/magic-link')
export class MagicLinkController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Public()
  @RateLimit('mailed-link', 'sign-in-link-account')
  @Operation({
    summary: 'Ask for a sign-in link by mail',
    description: 'The answer is the same whether or not the address has an account.',
    contract: requestMagicLink,
    status: 202,
  })
  @Post()
  request(
    @Body({ schema: requestMagicLink.request }) whom: RequestOf<typeof requestMagicLink>,
  ): Promise<ResponseOf<typeof requestMagicLink>> {
    return this.rpc.call(requestMagicLink, whom);
  }

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Sign in with the token of a mailed link',
    contract: signInWithMagicLink,
    status: 200,
    answer: signInAnswer,
    errors: ['csrf_failed'],
  })
  @Post('verify')
  use(
    @Body({ schema: signInWithMagicLink.request }) proof: RequestOf<typeof signInWithMagicLink>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(signInWithMagicLink, proof));
  }
}
