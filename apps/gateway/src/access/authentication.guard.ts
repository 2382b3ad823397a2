import { ProblemError, type Actor } from '#libs/contracts';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { addressOf } from '../rate-limit/rate-limit.options';
import { cookieNames } from '../edge/session-cookies';
import { RevokedSessions } from '../session-revocation/revoked-sessions';
import { AccessTokenVerifier } from './access-token.verifier';
import { routeAccess } from './access.decorators';
import { ApiKeys } from './api-keys';
import { bearerToken, isApiKey, isBearer } from './bearer';

declare module 'fastify' {
  interface FastifyRequest {
    /** How the caller of an `@Authenticated()` route authenticated. */
    credential: 'bearer' | 'cookie' | 'none';
    /** Why `context.actor` is missing. AccessGuard throws it after the attempt was counted against the rate limit. */
    refusal: unknown;
  }
}

/** Identifies the caller of an `@Authenticated()` route. It refuses no one: AccessGuard does that. */
@Injectable()
export class AuthenticationGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokenVerifier,
    private readonly revoked: RevokedSessions,
    private readonly apiKeys: ApiKeys,
  ) {}

  canActivate(execution: ExecutionContext): true | Promise<true> {
    if (this.reflector.get<unknown>(routeAccess, execution.getHandler()) !== 'authenticated') return true;
    return this.identify(execution.switchToHttp().getRequest<FastifyRequest>());
  }

  private async identify(request: FastifyRequest): Promise<true> {
    try {
      request.context.actor = await this.actorOf(request);
    } catch (error) {
      request.refusal = error;
    }
    return true;
  }

  private async actorOf(request: FastifyRequest): Promise<Actor> {
    const { authorization = '' } = request.headers;
    const asBearer = isBearer(authorization);
    const token = asBearer ? bearerToken(authorization) : request.cookies[cookieNames.access];
    if (token === undefined) throw new ProblemError('unauthenticated');
    request.credential = asBearer ? 'bearer' : 'cookie';
    // An API key never comes from a cookie, which browsers send automatically.
    if (asBearer && isApiKey(token)) return this.apiKeys.actorOf(token, addressOf(request));
    const actor = await this.tokens.verify(token);
    if (this.revoked.has(actor.sessionId)) throw new ProblemError('unauthenticated');
    return actor;
  }
}
