import { beginPasskeySignIn, signInWithPasskey, type RequestOf, type ResponseOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, sessionAnswer, type SignInAnswer } from '../session/session-answer';

@Controller('api/v1/auth/passkeys')
export class PasskeySignInController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Public()
  @RateLimit('passkey-options')
  @Operation({
    summary: 'Begin to sign in with a passkey',
    description: 'Give the answer to `navigator.credentials.get({ publicKey })`. Its challenge is good for 5 minutes.',
    contract: beginPasskeySignIn,
    status: 200,
  })
  @Post('options')
  begin(
    @Body({ schema: beginPasskeySignIn.request }) nobody: RequestOf<typeof beginPasskeySignIn>,
  ): Promise<ResponseOf<typeof beginPasskeySignIn>> {
    return this.rpc.call(beginPasskeySignIn, nobody);
  }

  @Public()
  @RateLimit('login')
  @Operation({
    summary: 'Sign in with what the passkey answered',
    description: '`response` is the credential as its `toJSON()` gives it. No second factor is asked for.',
    contract: signInWithPasskey,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post('verify')
  complete(
    @Body({ schema: signInWithPasskey.request }) proof: RequestOf<typeof signInWithPasskey>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(signInWithPasskey, proof));
  }
}
