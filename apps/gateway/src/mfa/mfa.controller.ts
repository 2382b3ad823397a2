import { completeMfa, type RequestOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, sessionAnswer, type SignInAnswer } from '../session/session-answer';

@Controller('api/v1/auth')
export class MfaController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Public()
  @RateLimit('login')
  @Operation({
    summary: 'Complete a sign-in with the second factor',
    contract: completeMfa,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post('mfa')
  complete(
    @Body({ schema: completeMfa.request }) factor: RequestOf<typeof completeMfa>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(completeMfa, factor));
  }
}
