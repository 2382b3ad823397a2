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
import { Body, Controller, Param } from '@nestjs/common';
import { z } from 'zod';
import { HttpExchange, type Exchange } from '../../edge/exchange';
import { addRoute } from '../contract/contract-routes';
import { Route } from '../contract/route';
import { SessionAnswers, sessionAnswer, signInAnswer, type SessionAnswer } from '../session/session-answer';

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
    readonly answers: SessionAnswers,
  ) {}

  @Route(impersonateUser, { answer: sessionAnswer, startsSession: true })
  async impersonate(
    @Param({ schema: whichUser }) { id }: z.output<typeof whichUser>,
    @Body({ schema: impersonation }) body: z.output<typeof impersonation>,
    @HttpExchange() { request, reply }: Exchange,
  ): Promise<SessionAnswer> {
    const asCookies = this.answers.wantsCookies(request);
    // The staff member's browser must not be remembered as one of the user's devices.
    return this.answers.give(reply, await this.rpc.call(impersonateUser, { id, ...body }), asCookies);
  }
}

for (const contract of [...signIns, ...firstFactors]) {
  const answer = firstFactors.includes(contract) ? signInAnswer : sessionAnswer;
  addRoute(
    SignInController.prototype,
    contract,
    function (input, exchange) {
      const { data } = account.safeParse(input);
      return this.answers.signIn(exchange, () => this.rpc.call(contract, input), data?.email);
    },
    { answer, startsSession: true },
  );
}
