import { ProblemError, type Actor } from '#libs/contracts';
import { requireAccess } from '#libs/rpc';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { routeOperation, type OperationDescription } from './operation';
import { routeAccess } from './access.decorators';
import { CsrfDefense } from '../edge/csrf';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Lets a request through to its route: a route that says neither `@Public()` nor `@Authenticated()` is closed to all. */
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
    // A bearer token is sent by a program, never by a browser of its own accord: nothing to forge.
    if (request.credential === 'cookie' && !safeMethods.has(request.method)) this.requireOwnPage(request, actor);
    this.requireAccess(actor, execution);
    return true;
  }

  private requireOwnPage(request: FastifyRequest, actor: Actor): void {
    const isTheirs = actor.kind === 'session' && this.csrf.requireToken(request) === actor.sessionId;
    if (!isTheirs) throw new ProblemError('csrf_failed');
  }

  /** The service refuses as well; here it happens before the request is looked at, and for what asks no service. */
  private requireAccess(actor: Actor, execution: ExecutionContext): void {
    const operation = this.reflector.get<OperationDescription | undefined>(routeOperation, execution.getHandler());
    const contract = operation?.contract;
    if (contract !== undefined && contract.access !== 'public') requireAccess(contract, actor);
    else if (actor.kind === 'api_key') throw new ProblemError('insufficient_scope');
  }
}
