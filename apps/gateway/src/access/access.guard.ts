import { ProblemError, type Actor } from '#libs/contracts';
import { requireAccess } from '#libs/rpc';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { routeOperation, type OperationDescription } from './operation';
import { routeAccess } from './access.decorators';
import { CsrfDefense } from '../edge/csrf';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Checks access to a route. A route with neither `@Public()` nor `@Authenticated()` is closed to everyone. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly csrf: CsrfDefense,
  ) {}

  canActivate(execution: ExecutionContext): boolean {
    const access = this.reflector.get<unknown>(routeAccess, execution.getHandler());
    if (access === 'public') return true;
    if (access !== 'authenticated') throw new ProblemError('not_found');
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    const { actor } = request.context;
    if (actor === null) throw request.refusal;
    // Programs send bearer tokens. Browsers never send them automatically, so they need no CSRF token.
    if (request.credential === 'cookie' && !safeMethods.has(request.method)) this.requireOwnPage(request, actor);
    this.requireAccess(actor, execution);
    return true;
  }

  private requireOwnPage(request: FastifyRequest, actor: Actor): void {
    const isTheirs = actor.kind === 'session' && this.csrf.requireToken(request) === actor.sessionId;
    if (!isTheirs) throw new ProblemError('csrf_failed');
  }

  /**
   * The service checks access as well. Checking here comes before validation and covers routes that call no
   * service.
   */
  private requireAccess(actor: Actor, execution: ExecutionContext): void {
    const operation = this.reflector.get<OperationDescription | undefined>(routeOperation, execution.getHandler());
    const contract = operation?.contract;
    if (contract !== undefined && contract.access !== 'public') requireAccess(contract, actor);
    else if (actor.kind === 'api_key') throw new ProblemError('insufficient_scope');
  }
}
