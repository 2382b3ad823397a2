import { login, logout, ProblemError, refresh, refreshToken, type RequestOf } from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Authenticated, Public } from '../access/access.decorators';
import { CsrfDefence } from '../access/csrf';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, sessionAnswer, signInAnswer, type SessionAnswer, type SignInAnswer } from './session-answer';
import { clearSessionCookies, cookieNames } from './session-cookies';

const refreshBody = z.strictObject({ refreshToken: refreshToken.optional() });

@Controller('api/v1/auth')
export class SessionController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
    private readonly csrf: CsrfDefence,
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
    const token = body.refreshToken ?? this.tokenFromCookie(request, wantsCookies);
    const asCookies = wantsCookies || body.refreshToken === undefined;
    try {
      return this.answers.give(reply, await this.rpc.call(refresh, { refreshToken: token }), asCookies);
    } catch (error) {
      if (asCookies && isOver(error)) clearSessionCookies(reply);
      throw error;
    }
  }

  @Authenticated()
  @Operation({ summary: 'End the session', contract: logout, status: 204, errors: ['csrf_failed'] })
  @Post('logout')
  async logout(@Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.rpc.call(logout, {});
    clearSessionCookies(reply);
  }

  private tokenFromCookie(request: FastifyRequest, wantsCookies: boolean): string {
    const token = request.cookies[cookieNames.refresh];
    if (token === undefined) {
      if (wantsCookies) throw new ProblemError('refresh_token_invalid');
      const missing = { path: 'refreshToken', code: 'required', message: 'Send it in the body, or as the cookie.' };
      throw new ProblemError('validation_failed', { errors: [missing] });
    }
    // The browser may have dropped the short access cookie, so the token need not match a session that we know here.
    this.csrf.requireToken(request);
    return token;
  }
}

/** No later refresh of the session will succeed. */
function isOver(error: unknown): boolean {
  return error instanceof ProblemError && (error.status === 401 || error.code === 'account_suspended');
}
