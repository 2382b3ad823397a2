import { mfaRequired, session, user, type Session, type SignedIn } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CsrfDefense } from '../../edge/csrf';
import { DeviceCookies } from '../../edge/device-cookie';
import { EarlierSessions } from './earlier-sessions';
import { sessionIdOf, setSessionCookies } from '../../edge/session-cookies';
import type { Exchange } from '../../edge/exchange';

/** In the body as well as in the cookie, because a page on another host can't read our cookies. */
export const csrfToken = z
  .string()
  .meta({ description: 'Send it in `X-CSRF-Token` with every POST, PUT, PATCH and DELETE that uses the cookies.' });

/** The response for browsers, whose tokens are in cookies. */
const cookieSession = z
  .strictObject({ type: z.literal('cookie_session'), expiresIn: z.int(), user, csrfToken })
  .meta({ id: 'CookieSession' });
export const sessionResponse = z.discriminatedUnion('type', [session, cookieSession]);
export type SessionResponse = z.output<typeof sessionResponse>;

/** The result of signing in: a session, or a request for a second factor. */
export const signInResponse = z.discriminatedUnion('type', [session, cookieSession, mfaRequired]);
export type SignInResponse = z.output<typeof signInResponse>;

/** Returns sessions: in the body for API clients, as cookies for browsers that send `X-Session-Mode: cookie`. */
@Injectable()
export class SessionResponses {
  constructor(
    private readonly csrf: CsrfDefense,
    private readonly devices: DeviceCookies,
    private readonly earlier: EarlierSessions,
  ) {}

  /**
   * Signs in with `call` and returns the session as the client wants it. Checks the page first, because a
   * page that can't act for its user must not sign the user in to another account either (login CSRF).
   * @param email the account's email address, if the request contains it
   * @throws ProblemError csrf_failed, and the errors of `call`
   */
  async signIn(exchange: Exchange, call: () => Promise<SignedIn>, email?: string): Promise<SignInResponse> {
    const asCookies = this.wantsCookies(exchange.request);
    if (email !== undefined) this.devices.introduce(exchange.request, email);
    const response = await call();
    if (response.type === 'mfa_required') return response;
    return asCookies ? this.welcome(exchange, response) : response;
  }

  /** @throws ProblemError csrf_failed */
  wantsCookies(request: FastifyRequest): boolean {
    if (request.headers['x-session-mode'] !== 'cookie') return false;
    this.csrf.requireAllowedPage(request);
    return true;
  }

  /**
   * Remembers the browser as a known device. Only after a sign-in, so that a stolen session creates no known
   * devices.
   */
  async welcome({ request, reply }: Exchange, session: Session): Promise<SessionResponse> {
    this.devices.remember(request, reply, session.user.email);
    await this.earlier.end(request, session);
    return this.give(reply, session, true);
  }

  give(reply: FastifyReply, session: Session, asCookies: boolean): SessionResponse {
    if (!asCookies) return session;
    const token = this.csrf.issue(sessionIdOf(session));
    setSessionCookies(reply, session, token);
    return { type: 'cookie_session', expiresIn: session.expiresIn, user: session.user, csrfToken: token };
  }
}
