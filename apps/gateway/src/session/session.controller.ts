import { login, logout, ProblemError, refresh, refreshToken, type RequestOf, type Session } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Public } from '../access/access.decorators';
import { CsrfDefense } from '../access/csrf';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { NamedSession } from './named-session';
import {
  csrfToken,
  SessionAnswers,
  sessionAnswer,
  signInAnswer,
  type SessionAnswer,
  type SignInAnswer,
} from './session-answer';
import { clearSessionCookies, cookieNames, sessionIdOf } from './session-cookies';

const csrfTokenAnswer = z.strictObject({ csrfToken: csrfToken.nullable() }).meta({ id: 'CsrfToken' });
const refreshBody = z.strictObject({ refreshToken: refreshToken.optional() });
const logoutBody = refreshBody;

interface Presented {
  readonly refreshToken: string;
  /** The session that the cookies and the CSRF token belong to, if the refresh token came as a cookie. */
  readonly sessionId?: string;
}

@Controller('api/v1/auth')
export class SessionController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
    private readonly csrf: CsrfDefense,
    private readonly named: NamedSession,
  ) {}

  @Public()
  @RateLimit('login', 'login-account')
  @Operation({
    summary: 'Sign in',
    description: 'Where two-factor sign-in is on, the answer is a token for POST /auth/mfa instead of a session.',
    contract: login,
    status: 200,
    answer: signInAnswer,
    errors: ['csrf_failed'],
  })
  @Post('login')
  async login(
    @Body({ schema: login.request }) credentials: RequestOf<typeof login>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignInAnswer> {
    return this.answers.signIn({ request, reply }, () => this.rpc.call(login, credentials), credentials.email);
  }

  @Public()
  @RateLimit('refresh')
  @Operation({
    summary: 'Exchange the refresh token, from the body or the cookie, for a fresh session',
    contract: refresh,
    status: 200,
    answer: sessionAnswer,
    errors: ['csrf_failed'],
  })
  @Post('refresh')
  async refresh(
    @Body({ schema: refreshBody }) body: z.output<typeof refreshBody>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionAnswer> {
    const wantsCookies = this.answers.wantsCookies(request);
    const { refreshToken: inBody } = body;
    const presented = inBody === undefined ? this.fromCookies(request, wantsCookies) : { refreshToken: inBody };
    const asCookies = wantsCookies || presented.sessionId !== undefined;
    try {
      const session = await this.rpc.call(refresh, { refreshToken: presented.refreshToken });
      requireSession(presented, session);
      return this.answers.give(reply, session, asCookies);
    } catch (error) {
      if (asCookies && isOver(error)) clearSessionCookies(reply);
      throw error;
    }
  }

  @Public()
  @Operation({
    summary: 'Get the CSRF token of the session that this browser has by cookies',
    description:
      'For pages that lost the token, such as after a reload or a sign-in by redirect, and that run on another host than the API, ' +
      'so that they cannot read its cookie. Null if the browser has no cookie session, or the page may not use it.',
    status: 200,
    answer: csrfTokenAnswer,
  })
  @Get('csrf-token')
  csrfToken(@Req() request: FastifyRequest): z.output<typeof csrfTokenAnswer> {
    return { csrfToken: this.csrf.tokenFor(request) };
  }

  @Public()
  @Operation({
    summary: 'Sign out',
    description:
      'Ends the session of the access token, of the refresh token in the body, or of the cookies. The access token may have ' +
      'expired, and the session may have ended already. Cookies are always cleared, and need the CSRF token if they name a session.',
    contract: logout,
    status: 204,
    errors: ['csrf_failed', 'unauthenticated', 'insufficient_scope'],
  })
  @Post('logout')
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
 * A sibling subdomain can plant a refresh cookie, which belongs to a session of its own: nobody may be signed in to that.
 * @throws ProblemError csrf_failed
 */
function requireSession({ sessionId }: Presented, session: Session): void {
  if (sessionId !== undefined && sessionId !== sessionIdOf(session)) throw new ProblemError('csrf_failed');
}

/** No later refresh of the session will succeed. */
function isOver(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.code === 'account_suspended');
}
