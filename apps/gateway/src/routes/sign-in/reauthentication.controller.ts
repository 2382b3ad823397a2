import {
  accessTokenAnswer,
  beginOauthReauthentication,
  oauthStart,
  reauthenticate,
  reauthenticateWithPasskey,
  type AccessTokenAnswer,
  type RequestOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { keepBrowserSecret } from './browser-secret';
import { Route } from '../contract/route';
import { setAccessCookie } from '../../edge/session-cookies';

const cookieAnswer = z.strictObject({ expiresIn: z.int() });
const answer = z.union([accessTokenAnswer, cookieAnswer]);
type Answer = z.output<typeof answer>;

const atProvider = beginOauthReauthentication.request.omit({ cookies: true });
const providerUrl = oauthStart.pick({ url: true });

@Controller()
export class ReauthenticationController {
  constructor(private readonly rpc: RpcClient) {}

  @Route(reauthenticate, { answer })
  async reauthenticate(
    @Body({ schema: reauthenticate.request }) proof: RequestOf<typeof reauthenticate>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    return answerWith(await this.rpc.call(reauthenticate, proof), { request, reply });
  }

  @Route(reauthenticateWithPasskey, { answer })
  async withPasskey(
    @Body({ schema: reauthenticateWithPasskey.request }) proof: RequestOf<typeof reauthenticateWithPasskey>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Answer> {
    return answerWith(await this.rpc.call(reauthenticateWithPasskey, proof), { request, reply });
  }

  @Route(beginOauthReauthentication, { answer: providerUrl })
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
