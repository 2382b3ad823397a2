import { ProblemError } from '#libs/contracts';
import { constantTimeEqual } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createHmac, randomBytes } from 'node:crypto';
import { GatewayConfig } from '../config';
import { cookieNames } from './session-cookies';

const longestToken = 256;
const format = /^(([\da-f-]{36})\.[\w-]+)\.([\w-]+)$/;

/**
 * Protects requests that browsers authenticate automatically with cookies. Checks the page's origin and a
 * token that is bound to the session by its signature: `<session id>.<nonce>.<HMAC>`.
 * Pages get the token in the response that starts or refreshes a cookie session, from `GET
 * /auth/csrf-token`, and on the gateway's own host from the cookie. They send it in X-CSRF-Token. Every
 * token of a session is valid as long as the session, so a refresh in one tab doesn't break the others.
 * Sources: OWASP Cross-Site Request Forgery Prevention Cheat Sheet ("Signed Double-Submit Cookie");
 * words.filippo.io/csrf.
 */
@Injectable()
export class CsrfDefense {
  constructor(private readonly config: GatewayConfig) {}

  /** The signature binds the token to a session, so a sibling subdomain gains nothing by planting its own cookie. */
  issue(sessionId: string): string {
    const payload = `${sessionId}.${randomBytes(16).toString('base64url')}`;
    return `${payload}.${this.sign(payload)}`;
  }

  /** @throws ProblemError csrf_failed */
  requireAllowedPage(request: FastifyRequest): void {
    if (!this.isAllowedPage(request)) throw new ProblemError('csrf_failed');
  }

  /**
   * For a GET route that has an effect: no other site can send a browser there without its user knowing.
   * Allows bookmarks, and browsers before 2023, which do not send the header.
   * @throws ProblemError csrf_failed
   */
  refuseOtherSites({ headers }: FastifyRequest): void {
    if (headers['sec-fetch-site'] === 'cross-site') throw new ProblemError('csrf_failed');
  }

  /**
   * Returns the session of the token in X-CSRF-Token. The caller must compare it with the session of the
   * request.
   * @throws ProblemError csrf_failed
   */
  requireToken(request: FastifyRequest): string {
    this.requireAllowedPage(request);
    const token = request.headers['x-csrf-token'];
    const sessionId = typeof token === 'string' ? this.sessionOf(token) : undefined;
    if (sessionId === undefined) throw new ProblemError('csrf_failed');
    return sessionId;
  }

  /** Returns the token in the browser's cookie, for pages that can't read the cookie. */
  tokenFor(request: FastifyRequest): string | null {
    const { [cookieNames.csrf]: token = '' } = request.cookies;
    return this.isAllowedPage(request) && this.sessionOf(token) !== undefined ? token : null;
  }

  /** Returns the session that a token was issued for, or `undefined` if we didn't issue it. */
  sessionOf(token: string): string | undefined {
    const [, payload = '', sessionId, signature = ''] = token.length <= longestToken ? (format.exec(token) ?? []) : [];
    return constantTimeEqual(signature, this.sign(payload)) ? sessionId : undefined;
  }

  /**
   * Browsers name the page in Origin and Sec-Fetch-Site, which no page can forge. A request with neither
   * does not come from a browser, so it can't abuse anyone's cookies.
   */
  private isAllowedPage({ headers }: FastifyRequest): boolean {
    const { origin, 'sec-fetch-site': site } = headers;
    if (origin !== undefined) return this.config.allowedOrigins.has(origin);
    return site === undefined || site === 'same-origin' || site === 'none';
  }

  private sign(payload: string): string {
    return createHmac('sha256', this.config.csrfSecret).update(payload).digest('base64url');
  }
}
