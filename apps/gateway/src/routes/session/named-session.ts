import { ProblemError, type logout, type RequestOf } from '#libs/contracts';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AccessTokenVerifier } from '../../access/access-token.verifier';
import { bearerToken, isApiKey, isBearer } from '../../access/bearer';
import { CsrfDefense } from '../../edge/csrf';
import { cookieNames } from '../../edge/session-cookies';

type Named = RequestOf<typeof logout>;

/**
 * Finds the session that a request to sign out names. The caller only has to show that the session is
 * theirs: their access token may have expired, and the session may have ended (ASVS 5.0 7.4.1, RFC 7009
 * section 2.2).
 */
@Injectable()
export class NamedSession {
  constructor(
    private readonly tokens: AccessTokenVerifier,
    private readonly csrf: CsrfDefense,
  ) {}

  /**
   * @returns `undefined` if the request names none, such as when a browser signs out again
   * @throws ProblemError `unauthenticated` for a bearer token that isn't ours, `insufficient_scope` for an API key,
   * `csrf_failed`, or `service_unavailable` while no signing key is known
   */
  async in(request: FastifyRequest, refreshToken: string | undefined): Promise<Named | undefined> {
    const { authorization = '' } = request.headers;
    const byToken = refreshToken === undefined ? undefined : { refreshToken };
    if (isBearer(authorization)) return { ...byToken, ...(await this.byBearer(authorization, byToken === undefined)) };
    return byToken ?? this.byCookies(request);
  }

  private async byBearer(authorization: string, isNeeded: boolean): Promise<Named> {
    const token = bearerToken(authorization) ?? '.';
    if (isApiKey(token)) throw new ProblemError('insufficient_scope');
    const sessionId = await this.tokens.sessionOf(token);
    if (sessionId !== undefined) return { sessionId };
    if (isNeeded) throw new ProblemError('unauthenticated');
    return {};
  }

  /**
   * Returns the sessions that the browser's cookies name. The CSRF cookie outlives the access cookie, so it
   * names the session too. We signed both.
   */
  async inCookies({ cookies }: FastifyRequest): Promise<ReadonlySet<string>> {
    const { [cookieNames.access]: accessToken = '', [cookieNames.csrf]: csrfToken = '' } = cookies;
    const named = [await this.tokens.sessionOf(accessToken), this.csrf.sessionOf(csrfToken)];
    return new Set(named.filter((id) => id !== undefined));
  }

  private async byCookies(request: FastifyRequest): Promise<Named | undefined> {
    this.csrf.requireAllowedPage(request);
    const named = await this.inCookies(request);
    if (named.size === 0) return undefined;
    const sessionId = this.csrf.requireToken(request);
    if (!named.has(sessionId)) throw new ProblemError('csrf_failed');
    return { sessionId };
  }
}
