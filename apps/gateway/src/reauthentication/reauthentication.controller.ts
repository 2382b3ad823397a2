import {
  accessTokenAnswer,
  beginOauthReauthentication,
  beginPasskeyReauthentication,
  oauthStart,
  reauthenticate,
  reauthenticateWithPasskey,
  type AccessTokenAnswer,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Authenticated } from '../access/access.decorators';
import { keepBrowserSecret } from '../oauth/browser-secret';
import { Operation } from '../openapi/operation';
import { RateLimit } from '../rate-limit/rate-limit';
import { setAccessCookie } from '../session/session-cookies';

const cookieAnswer = z.strictObject({ expiresIn: z.int() });
const answer = z.union([accessTokenAnswer, cookieAnswer]);
type Answer = z.output<typeof answer>;

const atProvider = beginOauthReauthentication.request.omit({ cookies: true });
const providerUrl = oauthStart.pick({ url: true });

@Controller('api/v1/auth')
export class ReauthenticationController {
  constructor(private readonly rpc: RpcClient) {}

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Confirm who you are, before a sensitive act',
    description: 'Gives an access token of the same session that counts as a recent sign-in for ten minutes.',
    contract: reauthenticate,
    status: 200,
    answer,
    errors: ['csrf_failed'],
  })
  @Post('reauthenticate')
  async reauthenticate(
    @Body({ schema: reauthenticate.request }) proof: RequestOf<typeof reauthenticate>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    return answerWith(await this.rpc.call(reauthenticate, proof), { request, reply });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Begin to confirm who you are with a passkey',
    description:
      'Give the answer to `navigator.credentials.get({ publicKey })`. Its challenge is good for 5 minutes. Who has no password confirms like this.',
    contract: beginPasskeyReauthentication,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('reauthenticate/passkey/options')
  beginPasskey(): Promise<ResponseOf<typeof beginPasskeyReauthentication>> {
    return this.rpc.call(beginPasskeyReauthentication, {});
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Confirm who you are with what the passkey answered',
    description: '`response` is the credential as its `toJSON()` gives it. No password and no code is asked for.',
    contract: reauthenticateWithPasskey,
    status: 200,
    answer,
    errors: ['csrf_failed'],
  })
  @Post('reauthenticate/passkey')
  async withPasskey(
    @Body({ schema: reauthenticateWithPasskey.request }) proof: RequestOf<typeof reauthenticateWithPasskey>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    return answerWith(await this.rpc.call(reauthenticateWithPasskey, proof), { request, reply });
  }

  @Authenticated()
  @RateLimit('sensitive')
  @Operation({
    summary: 'Confirm who you are by signing in again at a linked provider',
    description:
      'Open `url` in this browser: the callback needs the cookie that this response sets. Send `code` or `recoveryCode` where ' +
      'two-factor authentication is on. The browser comes back to `returnTo` with a new access cookie, or to /problems/ and an ' +
      'error code. A client without cookies then refreshes its session to get a recent access token.',
    contract: beginOauthReauthentication,
    answer: providerUrl,
    status: 200,
    errors: ['csrf_failed'],
  })
  @Post('reauthenticate/oauth')
  async beginAtProvider(
    @Body({ schema: atProvider }) which: z.output<typeof atProvider>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof providerUrl>> {
    const cookies = request.credential === 'cookie';
    const { url, browserSecret } = await this.rpc.call(beginOauthReauthentication, { ...which, cookies });
    keepBrowserSecret(reply, browserSecret);
    return { url };
  }
}

function answerWith(
  token: AccessTokenAnswer,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Answer {
  if (request.credential !== 'cookie') return token;
  setAccessCookie(reply, token);
  return { expiresIn: token.expiresIn };
}
