import { accessTokenClaims, session, user, type Session } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import { decodeJwt } from 'jose';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CsrfDefence } from '../access/csrf';
import { setSessionCookies } from './session-cookies';

/** What a browser gets whose tokens travel as cookies. */
const cookieSession = z.strictObject({ expiresIn: z.int(), user }).meta({ id: 'CookieSession' });
export const sessionAnswer = z.union([session, cookieSession]);
export type SessionAnswer = z.output<typeof sessionAnswer>;

/** Hands out sessions: in the body for API clients, as cookies for browsers that send `X-Session-Mode: cookie`. */
@Injectable()
export class SessionAnswers {
  constructor(private readonly csrf: CsrfDefence) {}

  /**
   * Asked before the session is made: a page that may not act for its user must not sign it in as somebody else either (login CSRF).
   * @throws ProblemError csrf_failed
   */
  wantsCookies(request: FastifyRequest): boolean {
    if (request.headers['x-session-mode'] !== 'cookie') return false;
    this.csrf.requireAllowedPage(request);
    return true;
  }

  give(reply: FastifyReply, session: Session, asCookies: boolean): SessionAnswer {
    if (!asCookies) return session;
    const { sid } = accessTokenClaims.parse(decodeJwt(session.accessToken));
    setSessionCookies(reply, session, this.csrf.issue(sid));
    return { expiresIn: session.expiresIn, user: session.user };
  }
}
