import { requireAccess } from '#libs/rpc';
import { Controller, Get, Header, Query, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Authenticated } from '../../access/access.decorators';
import { boardPath, QueueBoard } from './queue-board';

const staffOnly = { access: 'staff', scope: null, staffRole: 'support', effect: 'read' } as const;
const search = z.record(z.string(), z.string());

/**
 * The dashboard of the queues: a page for staff who signed in by cookie with a second factor. Not a part
 * of the API.
 */
@Controller('admin/queues')
export class QueueBoardController {
  constructor(private readonly board: QueueBoard) {}

  @Authenticated()
  @Get('api/*')
  async read(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query({ schema: search }) query: z.output<typeof search>,
  ): Promise<unknown> {
    requireAccess(staffOnly, request.context.actor);
    const [path = ''] = request.url.slice(boardPath.length - 1).split('?', 1);
    void reply.header('content-type', 'application/json; charset=utf-8');
    return this.board.read(path, query);
  }

  @Authenticated()
  @RouteConfig({ page: true })
  @Header('content-type', 'text/html; charset=utf-8')
  @Get(['', '*'])
  page(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    requireAccess(staffOnly, request.context.actor);
    // The board needs a <base> element, which the policy of pages forbids. This allows one for our own origin.
    const policy = String(reply.getHeader('content-security-policy'));
    void reply.header('content-security-policy', policy.replace("base-uri 'none'", "base-uri 'self'"));
    return this.board.html();
  }
}
