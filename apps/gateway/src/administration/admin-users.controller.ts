import {
  impersonateUser,
  inspectUser,
  reinstateUser,
  searchUsers,
  signUserOut,
  suspendUser,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, sessionAnswer, type SessionAnswer } from '../session/session-answer';

const whichUser = inspectUser.request;
type WhichUser = RequestOf<typeof inspectUser>;
const suspendBody = suspendUser.request.omit({ id: true });
const impersonateBody = impersonateUser.request.omit({ id: true });

/** For the platform's staff, signed in with a second factor. */
@Controller('api/v1/admin/users')
export class AdminUsersController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Authenticated()
  @Operation({
    summary: 'Find accounts',
    description:
      'By id, or by how the address or the name begins: first the matches by address, then those by name, in alphabetical order. Without a query, the newest accounts first.',
    contract: searchUsers,
    status: 200,
  })
  @Get()
  search(
    @Query({ schema: searchUsers.request }) query: RequestOf<typeof searchUsers>,
  ): Promise<ResponseOf<typeof searchUsers>> {
    return this.rpc.call(searchUsers, query);
  }

  @Authenticated()
  @Operation({ summary: 'Look at an account', contract: inspectUser, status: 200 })
  @Get(':id')
  inspect(@Param({ schema: whichUser }) which: WhichUser): Promise<ResponseOf<typeof inspectUser>> {
    return this.rpc.call(inspectUser, which);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Suspend an account',
    description: 'Within a second every session and API key of it is refused. Nobody of the staff can be suspended.',
    contract: suspendUser,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post(':id/suspend')
  suspend(
    @Param({ schema: whichUser }) { id }: WhichUser,
    @Body({ schema: suspendBody }) { reason }: z.output<typeof suspendBody>,
  ): Promise<ResponseOf<typeof suspendUser>> {
    return this.rpc.call(suspendUser, { id, reason });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({ summary: 'Reinstate an account', contract: reinstateUser, status: 200, errors: ['csrf_failed'] })
  @Post(':id/reinstate')
  reinstate(@Param({ schema: whichUser }) which: WhichUser): Promise<ResponseOf<typeof reinstateUser>> {
    return this.rpc.call(reinstateUser, which);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Sign somebody out everywhere',
    contract: signUserOut,
    status: 204,
    errors: ['csrf_failed'],
  })
  @Post(':id/sign-out')
  async signOut(@Param({ schema: whichUser }) which: WhichUser): Promise<void> {
    await this.rpc.call(signUserOut, which);
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Act as somebody',
    description:
      'Gives a session of that person for an hour at most, which reads only unless an admin asks for `write`. The person is told by mail, with the reason. POST /auth/logout ends it.',
    contract: impersonateUser,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post(':id/impersonate')
  async impersonate(
    @Param({ schema: whichUser }) { id }: WhichUser,
    @Body({ schema: impersonateBody }) wish: z.output<typeof impersonateBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    const asCookies = this.answers.wantsCookies(request);
    // No device of the person's is remembered by it.
    return this.answers.give(reply, await this.rpc.call(impersonateUser, { id, ...wish }), asCookies);
  }
}
