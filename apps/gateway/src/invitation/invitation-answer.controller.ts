import {
  acceptInvitation,
  declineInvitation,
  lookAtInvitation,
  registerByInvitation,
  type InvitationPreview,
  type Organization,
  type RequestOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticated, Public } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { sessionAnswer, SessionAnswers, type SignInAnswer } from '../session/session-answer';

/** For who has the link. The token travels in bodies only. */
@Controller('api/v1/invitations')
export class InvitationAnswerController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'What an invitation is about',
    description: 'Uses nothing up, and does not tell whether the address has an account.',
    contract: lookAtInvitation,
    status: 200,
  })
  @Post('look')
  look(
    @Body({ schema: lookAtInvitation.request }) proof: RequestOf<typeof lookAtInvitation>,
  ): Promise<InvitationPreview> {
    return this.rpc.call(lookAtInvitation, proof);
  }

  @Authenticated()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Accept an invitation, and become a member',
    description:
      'Signed in under the invited address: sign in, or make an account with it, first. Under another address it is refused, and the invitation stays as it is.',
    contract: acceptInvitation,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('accept')
  accept(@Body({ schema: acceptInvitation.request }) proof: RequestOf<typeof acceptInvitation>): Promise<Organization> {
    return this.rpc.call(acceptInvitation, proof);
  }

  @Public()
  @RateLimit('mailed-token')
  @Operation({
    summary: 'Decline an invitation',
    description: 'Needs no account.',
    contract: declineInvitation,
    status: 204,
  })
  @Post('decline')
  async decline(
    @Body({ schema: declineInvitation.request }) proof: RequestOf<typeof declineInvitation>,
  ): Promise<void> {
    await this.rpc.call(declineInvitation, proof);
  }

  @Public()
  @RateLimit('registration', 'mailed-token')
  @Operation({
    summary: 'Make an account with the invited address, sign in, and accept',
    description:
      'The token confirms the address. Where it has an account already, nothing is changed: sign in instead.',
    contract: registerByInvitation,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post('register')
  register(
    @Body({ schema: registerByInvitation.request }) registration: RequestOf<typeof registerByInvitation>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(registerByInvitation, registration));
  }
}
