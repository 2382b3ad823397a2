import { ProblemError } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { GatewayConfig } from '../config';
import { cookieNames } from '../session/session-cookies';

const uuid = z.uuid();

/**
 * The defence of requests that a browser authenticates by itself, with cookies: the page's origin, and a signed double-submit token
 * `<session id>.<nonce>.<HMAC>`, readable by our pages in the cookie `csrf` and repeated in X-CSRF-Token.
 * Sources: OWASP Cross-Site Request Forgery Prevention Cheat Sheet; «Cross-Site Request Forgery», words.filippo.io/csrf.
 */
@Injectable()
export class CsrfDefence {
  constructor(private readonly config: GatewayConfig) {}

  /** Bound to a session by its signature: a sibling subdomain that plants a cookie of its own gains nothing. */
  issue(sessionId: string): string {
    const payload = `${sessionId}.${randomBytes(16).toString('base64url')}`;
    return `${payload}.${this.sign(payload).toString('base64url')}`;
  }

  /**
   * Browsers tell the page by Origin and Sec-Fetch-Site, which no page can forge. A request with neither comes from no browser,
   * so that there is nobody's cookie to abuse.
   * @throws ProblemError csrf_failed
   */
  requireAllowedPage({ headers }: FastifyRequest): void {
    const { origin, 'sec-fetch-site': site } = headers;
    const allowed =
      origin === undefined
        ? site === undefined || site === 'same-origin' || site === 'none'
        : this.config.allowedOrigins.has(origin);
    if (!allowed) throw new ProblemError('csrf_failed');
  }

  /**
   * For an address that a link leads to, and that does something at once: no other site may lead a browser there without its
   * user's knowing. A bookmark may, and so may browsers that do not tell (before 2023).
   * @throws ProblemError csrf_failed
   */
  refuseOtherSites({ headers }: FastifyRequest): void {
    if (headers['sec-fetch-site'] === 'cross-site') throw new ProblemError('csrf_failed');
  }

  /**
   * The session that the request's token was issued for.
   * @throws ProblemError csrf_failed
   */
  requireToken(request: FastifyRequest): string {
    this.requireAllowedPage(request);
    const header = request.headers['x-csrf-token'];
    const cookie = request.cookies[cookieNames.csrf];
    if (typeof header !== 'string' || header.length > 256 || header !== cookie) throw new ProblemError('csrf_failed');
    const [sessionId = '', nonce = '', signature = ''] = header.split('.');
    const expected = this.sign(`${sessionId}.${nonce}`);
    if (!uuid.safeParse(sessionId).success || !equal(expected, Buffer.from(signature, 'base64url'))) {
      throw new ProblemError('csrf_failed');
    }
    return sessionId;
  }

  private sign(payload: string): Buffer {
    return createHmac('sha256', this.config.csrfSecret).update(payload).digest();
  }
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
