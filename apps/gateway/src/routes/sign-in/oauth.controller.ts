import {
  accessTokenClaims,
  beginOauth,
  finishOauth,
  oauthProviderId,
  ProblemError,
  returnPath,
  type AccessTokenResponse,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { Public } from '../../access/access.decorators';
import { CsrfDefense } from '../../edge/csrf';
import { GatewayConfig } from '../../config';
import { Operation } from '../../access/operation';
import { RateLimit } from '../../rate-limit/rate-limit';
import type { Exchange } from '../../edge/exchange';
import { SessionResponses } from '../session/session-response';
import { cookieNames, setAccessCookie } from '../../edge/session-cookies';
import { browserSecretOf, forgetBrowserSecret, keepBrowserSecret } from './browser-secret';

const whichProvider = z.strictObject({
  provider: oauthProviderId.describe('The id of the provider, from the list of providers.'),
});
const startQuery = z.strictObject({
  returnTo: returnPath.default('/').describe('The path of this site to go to after sign-in.'),
});

// Providers add parameters of their own. A repeated or too long parameter counts as missing.
const text = (longest: number) => z.string().min(1).max(longest).optional().catch(undefined);
const callbackQuery = z.object({
  state: text(256).describe('The state that the sign-in started with.'),
  code: text(4_096).describe('The authorization code.'),
  iss: text(2_048).describe('The issuer (RFC 9207).'),
  error: text(256).describe('Why the provider refused (RFC 6749 section 4.1.2.1).'),
});

const refusals: ReadonlySet<string> = new Set(finishOauth.errors.filter((code) => code !== 'not_found'));
const pagedRefusals: ReadonlySet<string> = new Set([...refusals, 'csrf_failed']);

/**
 * Users' browsers open these routes directly, so responses are redirects: to a page of ours, or to one
 * that explains the error.
 */
@Controller('api/v1/auth/oauth')
export class OauthController {
  constructor(
    private readonly config: GatewayConfig,
    private readonly rpc: RpcClient,
    private readonly responses: SessionResponses,
    private readonly csrf: CsrfDefense,
  ) {}

  @Public()
  @RateLimit('login')
  @Operation({
    id: 'oauth.start',
    summary: 'Sign in with a provider',
    description:
      'Open this URL in the browser. It redirects to the provider, which sends the browser to the callback and then to `returnTo`, a path of this site. ' +
      "If the provider doesn't respond, the browser goes to /problems/oauth_failed. A link from another site goes to /problems/csrf_failed.",
    status: 302,
    errors: ['not_found'],
  })
  @Get(':provider')
  begin(
    @Param({ schema: whichProvider }) { provider }: z.output<typeof whichProvider>,
    @Query({ schema: startQuery }) { returnTo }: z.output<typeof startQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    return this.redirect(reply, async () => {
      this.csrf.refuseOtherSites(request);
      const { url, browserSecret } = await this.rpc.call(beginOauth, { provider, returnTo });
      keepBrowserSecret(reply, browserSecret);
      return url;
    });
  }

  @Public()
  @RateLimit('login')
  @Operation({
    id: 'oauth.callback',
    summary: 'Finish signing in with a provider',
    description:
      'The provider sends the browser here. Signs in with cookies and redirects to `returnTo`, or to /mfa if two-factor authentication is on. A refusal redirects to /problems/ and its code: ' +
      `${[...refusals].map((code) => `\`${code}\``).join(', ')}.`,
    status: 303,
    errors: ['not_found'],
  })
  @Get(':provider/callback')
  finish(
    @Param({ schema: whichProvider }) { provider }: z.output<typeof whichProvider>,
    @Query({ schema: callbackQuery }) query: z.output<typeof callbackQuery>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    return this.redirect(reply, async () => {
      const [{ state, code, iss, error }, browserSecret] = [query, browserSecretOf(request)];
      if (state === undefined || browserSecret === undefined) throw new ProblemError('oauth_failed');
      const given = { ...(code && { code }), ...(iss && { iss }), ...(error && { error }) };
      const response = await this.rpc.call(finishOauth, { provider, state, browserSecret, ...given });
      forgetBrowserSecret(reply);
      return this.signIn({ request, reply }, response);
    });
  }

  /** @returns the URL to continue at */
  private async signIn(exchange: Exchange, response: ResponseOf<typeof finishOauth>): Promise<string> {
    // In the fragment, which is sent to no server and in no referrer.
    if (response.outcome === 'mfa_required') return `${this.config.publicUrl}/mfa#token=${response.mfaToken}`;
    if (response.outcome === 'signed_in') await this.responses.welcome(exchange, response.session);
    if (response.outcome === 'reauthenticated' && response.token !== null) renewAccess(exchange, response.token);
    return new URL(response.returnTo, this.config.publicUrl).href;
  }

  private async redirect(reply: FastifyReply, go: () => Promise<string>): Promise<void> {
    try {
      reply.header('location', await go());
    } catch (error) {
      if (!(error instanceof ProblemError) || !pagedRefusals.has(error.code)) throw error;
      reply.header('location', `${this.config.publicUrl}/problems/${error.code}`);
    }
  }
}

/**
 * Refuses a browser that has signed in to another session in the meantime, so that its cookies never
 * belong to two users.
 */
function renewAccess({ request, reply }: Exchange, token: AccessTokenResponse): void {
  const current = request.cookies[cookieNames.access];
  if (current !== undefined && sessionOf(current) !== sessionOf(token.accessToken)) {
    throw new ProblemError('oauth_failed');
  }
  setAccessCookie(reply, token);
}

/** Does not verify the signature, because a forged cookie can only cause a refusal. */
function sessionOf(accessToken: string): string | undefined {
  try {
    return accessTokenClaims.parse(decodeJwt(accessToken)).sid;
  } catch {
    return undefined;
  }
}
