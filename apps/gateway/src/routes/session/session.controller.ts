import { logout, ProblemError, refresh, refreshToken, type Session } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../../access/access.decorators';
import { CsrfDefense } from '../../edge/csrf';
import { Operation } from '../../access/operation';
import { NamedSession } from './named-session';
import { csrfToken, SessionResponses, sessionResponse, type SessionResponse } from './session-response';
import { Route } from '../contract/route';
import { clearSessionCookies, cookieNames, sessionIdOf } from '../../edge/session-cookies';

const csrfTokenResponse = z.strictObject({ csrfToken: csrfToken.nullable() }).meta({ id: 'CsrfToken' });
const refreshBody = z.strictObject({ refreshToken: refreshToken.optional() });
const logoutBody = refreshBody;

interface Presented {
  readonly refreshToken: string;
  /** The session of the cookies and the CSRF token, if the refresh token came in a cookie. */
  readonly sessionId?: string;
}

@Controller()
export class SessionController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly responses: SessionResponses,
    private readonly csrf: CsrfDefense,
    private readonly named: NamedSession,
  ) {}

  @Route(refresh, { response: sessionResponse, startsSession: true })
  async refresh(
    @Body({ schema: refreshBody }) body: z.output<typeof refreshBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    const wantsCookies = this.responses.wantsCookies(request);
    const { refreshToken: inBody } = body;
    const presented = inBody === undefined ? this.fromCookies(request, wantsCookies) : { refreshToken: inBody };
    const asCookies = wantsCookies || presented.sessionId !== undefined;
    try {
      const session = await this.rpc.call(refresh, { refreshToken: presented.refreshToken });
      requireSession(presented, session);
      return this.responses.give(reply, session, asCookies);
    } catch (error) {
      if (asCookies && isOver(error)) clearSessionCookies(reply);
      throw error;
    }
  }

  @Public()
  @Operation({
    id: 'session.csrfToken',
    summary: "Get the CSRF token of this browser's session",
    description:
      "Use it on pages that can't read the API's cookie because they are on another host, after a reload or a sign-in by redirect. " +
      "The token is null if the browser has no cookie session, or if the page isn't allowed to use it.",
    status: 200,
    response: csrfTokenResponse,
  })
  @Get('api/v1/auth/csrf-token')
  csrfToken(@Req() request: FastifyRequest): z.output<typeof csrfTokenResponse> {
    return { csrfToken: this.csrf.tokenFor(request) };
  }

  @Route(logout, { errors: ['csrf_failed', 'unauthenticated', 'insufficient_scope'] })
  async logout(
    @Body({ schema: logoutBody }) { refreshToken }: z.output<typeof logoutBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const session = await this.named.in(request, refreshToken);
    if (session !== undefined) await this.rpc.call(logout, session);
    clearSessionCookies(reply);
  }

  private fromCookies(request: FastifyRequest, wantsCookies: boolean): Presented {
    const { [cookieNames.refresh]: refreshToken, [cookieNames.csrf]: csrf = '' } = request.cookies;
    if (refreshToken === undefined) {
      if (wantsCookies) throw new ProblemError('refresh_token_invalid');
      const missing = { path: 'refreshToken', code: 'required', message: 'Send it in the body, or as the cookie.' };
      throw new ProblemError('validation_failed', { errors: [missing] });
    }
    // A page that still has the token of an earlier session must not use up the refresh token of this one.
    const sessionId = this.csrf.requireToken(request);
    if (this.csrf.sessionOf(csrf) !== sessionId) throw new ProblemError('csrf_failed');
    return { refreshToken, sessionId };
  }
}

/**
 * A sibling subdomain can plant a refresh cookie of a session of its own. No user must be signed in to
 * that.
 * @throws ProblemError csrf_failed
 */
function requireSession({ sessionId }: Presented, session: Session): void {
  if (sessionId !== undefined && sessionId !== sessionIdOf(session)) throw new ProblemError('csrf_failed');
}

/** Returns true if no later refresh of the session can succeed. */
function isOver(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.code === 'account_suspended');
}
