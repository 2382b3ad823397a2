import {
  accessTokenClaims,
  beginOauth,
  finishOauth,
  listOauthProviders,
  oauthProviderId,
  ProblemError,
  returnPath,
  type AccessTokenAnswer,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import { z } from 'zod';
import { Public } from '../access/access.decorators';
import { CsrfDefense } from '../access/csrf';
import { GatewayConfig } from '../config';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { SessionAnswers, type Exchange } from '../session/session-answer';
import { cookieNames, setAccessCookie } from '../session/session-cookies';
import { browserSecretOf, forgetBrowserSecret, keepBrowserSecret } from './browser-secret';

const whichProvider = z.strictObject({ provider: oauthProviderId });
const startQuery = z.strictObject({ returnTo: returnPath.default('/') });

// Providers add parameters of their own. One that comes twice, or is too long, is as good as missing.
const text = (longest: number) => z.string().min(1).max(longest).optional().catch(undefined);
const callbackQuery = z.object({ state: text(256), code: text(4_096), iss: text(2_048), error: text(256) });

const refusals: ReadonlySet<string> = new Set(finishOauth.errors.filter((code) => code !== 'not_found'));
const pagedRefusals: ReadonlySet<string> = new Set([...refusals, 'csrf_failed']);

/** A person's browser comes here by itself, so that answers are redirects: to a page of ours, or to the one that explains a refusal. */
@Controller('api/v1/auth/oauth')
export class OauthController {
  constructor(
    private readonly config: GatewayConfig,
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
    private readonly csrf: CsrfDefense,
  ) {}

  @Public()
  @Operation({ summary: 'The other providers that one can sign in at', contract: listOauthProviders, status: 200 })
  @Get('providers')
  providers(): Promise<ResponseOf<typeof listOauthProviders>> {
    return this.rpc.call(listOauthProviders, {});
  }

  @Public()
  @RateLimit('login')
  @Operation({
    summary: 'Sign in at another provider: open it in the browser',
    description:
      'Redirects to the provider, which leads back to the callback and from there to `returnTo`, a path of this site. ' +
      'A provider that does not answer leads to /problems/oauth_failed, and a link from another site to /problems/csrf_failed.',
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
    summary: 'Where the provider sends the browser back to',
    description:
      'Signs in by cookies and redirects to `returnTo`, or to /mfa where two-factor sign-in is on; a refusal leads to /problems/ and its code: ' +
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
      const answer = await this.rpc.call(finishOauth, { provider, state, browserSecret, ...given });
      forgetBrowserSecret(reply);
      return this.signIn({ request, reply }, answer);
    });
  }

  /** @returns where to go on */
  private async signIn(exchange: Exchange, answer: ResponseOf<typeof finishOauth>): Promise<string> {
    // In the fragment, which no server and no referrer sees.
    if (answer.outcome === 'mfa_required') return `${this.config.publicUrl}/mfa#token=${answer.mfaToken}`;
    if (answer.outcome === 'signed_in') await this.answers.welcome(exchange, answer.session);
    if (answer.outcome === 'reauthenticated' && answer.token !== null) renewAccess(exchange, answer.token);
    return new URL(answer.returnTo, this.config.publicUrl).href;
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

/** Refuses a browser that has signed in to another session meanwhile: its cookies must not belong to two people. */
function renewAccess({ request, reply }: Exchange, token: AccessTokenAnswer): void {
  const current = request.cookies[cookieNames.access];
  if (current !== undefined && sessionOf(current) !== sessionOf(token.accessToken)) {
    throw new ProblemError('oauth_failed');
  }
  setAccessCookie(reply, token);
}

/** The signature does not matter here: a forged cookie can only cause a refusal. */
function sessionOf(accessToken: string): string | undefined {
  try {
    return accessTokenClaims.parse(decodeJwt(accessToken)).sid;
  } catch {
    return undefined;
  }
}
