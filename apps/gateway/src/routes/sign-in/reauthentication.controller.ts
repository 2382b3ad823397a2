import {
  accessTokenResponse,
  beginOauthReauthentication,
  oauthStart,
  reauthenticate,
  reauthenticateWithPasskey,
  type AccessTokenResponse,
  type RequestOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { keepBrowserSecret } from './browser-secret';
import { Route } from '../contract/route';
import { setAccessCookie } from '../../edge/session-cookies';

const cookieResponse = z.strictObject({ expiresIn: z.int() });
const response = z.union([accessTokenResponse, cookieResponse]);
type ReauthenticationResponse = z.output<typeof response>;

const atProvider = beginOauthReauthentication.request.omit({ cookies: true });
const providerUrl = oauthStart.pick({ url: true });

@Controller()
export class ReauthenticationController {
  constructor(private readonly rpc: RpcClient) {}

  @Route(reauthenticate, { response })
  async reauthenticate(
    @Body({ schema: reauthenticate.request }) proof: RequestOf<typeof reauthenticate>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReauthenticationResponse> {
    return respondWith(await this.rpc.call(reauthenticate, proof), { request, reply });
  }

  @Route(reauthenticateWithPasskey, { response })
  async withPasskey(
    @Body({ schema: reauthenticateWithPasskey.request }) proof: RequestOf<typeof reauthenticateWithPasskey>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ReauthenticationResponse> {
    return respondWith(await this.rpc.call(reauthenticateWithPasskey, proof), { request, reply });
  }

  @Route(beginOauthReauthentication, { response: providerUrl })
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

function respondWith(
  token: AccessTokenResponse,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): ReauthenticationResponse {
  if (request.credential !== 'cookie') return token;
  setAccessCookie(reply, token);
  return { expiresIn: token.expiresIn };
}
