import { ProblemError } from '#libs/contracts';
import { isDatabaseUnavailable } from '#libs/database';
import { reportError } from '#libs/observability';
import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GatewayConfig } from '../config';
import { describeProblem, problemMediaType, problemOf } from './problem';
import { RouteTable } from './route-table';

/** Turns everything that is thrown during a request into its response. */
@Catch()
export class ProblemFilter implements ExceptionFilter<unknown> {
  constructor(
    private readonly config: GatewayConfig,
    private readonly routes: RouteTable,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    this.respond(http.getRequest<FastifyRequest>(), reply, thrown);
  }

  private respond(request: FastifyRequest, reply: FastifyReply, thrown: unknown): void {
    const allowed = thrown instanceof NotFoundException ? this.otherMethods(request) : [];
    const error = allowed.length === 0 ? problemOf(thrown) : new ProblemError('method_not_allowed');
    if (error.code === 'internal_error' || isDatabaseUnavailable(error.cause))
      reportError(error.cause ?? error, { requestId: request.id, route: request.routeOptions.url });
    if (allowed.length > 0) reply.header('allow', allowed.join(', '));
    if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="groundwork"');
    const retryAfter = error.retryAfterSeconds ?? (error.status === 503 ? 1 : undefined);
    if (retryAfter !== undefined) reply.header('retry-after', Math.ceil(retryAfter));
    const body = describeProblem(error, this.config.publicUrl, request.id);
    reply.code(error.status).header('content-type', problemMediaType).send(JSON.stringify(body));
  }

  private otherMethods({ method, url }: FastifyRequest): readonly string[] {
    const methods = this.routes.methodsAt(url);
    return methods.includes(method) ? [] : methods;
  }
}
