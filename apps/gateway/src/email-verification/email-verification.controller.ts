import { resendVerification, verifyEmail, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, sessionAnswer, type SignInAnswer } from '../session/session-answer';

@Controller('api/v1/auth/verify-email')
export class EmailVerificationController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Confirm an e-mail address with the token from the mail, and sign in',
    contract: verifyEmail,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post()
  async verify(
    @Body({ schema: verifyEmail.request }) proof: RequestOf<typeof verifyEmail>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(verifyEmail, proof));
  }

  @Public()
  @RateLimit('mailed-link', 'mailed-link-account')
  @Operation({
    summary: 'Ask for another verification mail',
    description: 'The answer is the same whether or not the address has an account that needs one.',
    contract: resendVerification,
    status: 202,
  })
  @Post('resend')
  resend(
    @Body({ schema: resendVerification.request }) whom: RequestOf<typeof resendVerification>,
  ): Promise<ResponseOf<typeof resendVerification>> {
    return this.rpc.call(resendVerification, whom);
  }
}
