import {
  completeMfa,
  impersonateUser,
  login,
  registerByInvitation,
  signInWithMagicLink,
  signInWithPasskey,
  verifyEmail,
  type RpcContract,
  type SignedIn,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { addRoute } from '../contract/contract-routes';
import { Route } from '../contract/route';
import { SessionResponses, sessionResponse, signInResponse, type SessionResponse } from '../session/session-response';

type SignIn = RpcContract<z.ZodType, z.ZodType<SignedIn>>;
const signIns: readonly SignIn[] = [completeMfa, verifyEmail, signInWithPasskey, registerByInvitation];
const firstFactors: readonly SignIn[] = [login, signInWithMagicLink];
const whichUser = impersonateUser.request.pick({ id: true });
const impersonation = impersonateUser.request.omit({ id: true });
const account = z.object({ email: z.string() });

/** Every route that starts a session. Browsers get it as cookies. */
@Controller()
export class SignInController {
  constructor(
    readonly rpc: RpcClient,
    readonly responses: SessionResponses,
  ) {}

  @Route(impersonateUser, { response: sessionResponse, startsSession: true })
  async impersonate(
    @Param({ schema: whichUser }) { id }: z.output<typeof whichUser>,
    @Body({ schema: impersonation }) body: z.output<typeof impersonation>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionResponse> {
    const asCookies = this.responses.wantsCookies(request);
    // The staff member's browser must not be remembered as one of the user's devices.
    return this.responses.give(reply, await this.rpc.call(impersonateUser, { id, ...body }), asCookies);
  }
}

for (const contract of [...signIns, ...firstFactors]) {
  const response = firstFactors.includes(contract) ? signInResponse : sessionResponse;
  addRoute(
    SignInController.prototype,
    contract,
    function (input, exchange) {
      const { data } = account.safeParse(input);
      return this.responses.signIn(exchange, () => this.rpc.call(contract, input), data?.email);
    },
    { response, startsSession: true },
  );
}
