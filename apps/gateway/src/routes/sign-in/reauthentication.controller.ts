import {
  accessTokenResponse,
  beginOauthReauthentication,
  oauthStart,
  reauthenticate,
  reauthenticateWithPasskey,
  type AccessTokenResponse,
  type RpcContract,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { keepBrowserSecret } from './browser-secret';
import type { Exchange } from '../../edge/exchange';
import { addRoute } from '../contract/contract-routes';
import { Route } from '../contract/route';
import { setAccessCookie } from '../../edge/session-cookies';

const cookieResponse = z.strictObject({ expiresIn: z.int() });
const response = z.union([accessTokenResponse, cookieResponse]);

const atProvider = beginOauthReauthentication.request.omit({ cookies: true });
const providerUrl = oauthStart.pick({ url: true });

/** Every route that proves again who the user is. A browser gets the new access token as a cookie. */
@Controller()
export class ReauthenticationController {
  constructor(readonly rpc: RpcClient) {}

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

type Proof = RpcContract<z.ZodType, z.ZodType<AccessTokenResponse>>;
const proofs: readonly Proof[] = [reauthenticate, reauthenticateWithPasskey];
for (const contract of proofs) {
  const serve = async function (this: ReauthenticationController, input: unknown, { request, reply }: Exchange) {
    const token = await this.rpc.call(contract, input);
    if (request.credential !== 'cookie') return token;
    setAccessCookie(reply, token);
    return { expiresIn: token.expiresIn };
  };
  addRoute(ReauthenticationController.prototype, contract, serve, { response });
}
