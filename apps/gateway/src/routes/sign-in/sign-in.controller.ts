import {
  completeMfa,
  impersonateUser,
  login,
  registerByInvitation,
  signInWithMagicLink,
  signInWithPasskey,
  verifyEmail,
  type RequestOf,
} from '#libs/contracts';
import { RpcClient } from '#libs/rpc';
import { Body, Controller, Param } from '@nestjs/common';
import { z } from 'zod';
import { Route } from '../contract/route';
import { HttpExchange, type Exchange } from '../../edge/exchange';
import {
  SessionAnswers,
  sessionAnswer,
  signInAnswer,
  type SessionAnswer,
  type SignInAnswer,
} from '../session/session-answer';

const opensSession = { answer: sessionAnswer, startsSession: true } as const;
const asksForSecondFactor = { answer: signInAnswer, startsSession: true } as const;
const whichUser = impersonateUser.request.pick({ id: true });
const impersonation = impersonateUser.request.omit({ id: true });

/** Every route that opens a session: by hand, because browsers get it as cookies. */
@Controller()
export class SignInController {
  constructor(
    private readonly rpc: RpcClient,
    private readonly answers: SessionAnswers,
  ) {}

  @Route(login, asksForSecondFactor)
  login(
    @Body({ schema: login.request }) credentials: RequestOf<typeof login>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(login, credentials), credentials.email);
  }

  @Route(completeMfa, opensSession)
  completeMfa(
    @Body({ schema: completeMfa.request }) factor: RequestOf<typeof completeMfa>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(completeMfa, factor));
  }

  @Route(verifyEmail, opensSession)
  verifyEmail(
    @Body({ schema: verifyEmail.request }) proof: RequestOf<typeof verifyEmail>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(verifyEmail, proof));
  }

  @Route(signInWithMagicLink, asksForSecondFactor)
  signInWithMagicLink(
    @Body({ schema: signInWithMagicLink.request }) proof: RequestOf<typeof signInWithMagicLink>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(signInWithMagicLink, proof));
  }

  @Route(signInWithPasskey, opensSession)
  signInWithPasskey(
    @Body({ schema: signInWithPasskey.request }) proof: RequestOf<typeof signInWithPasskey>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(signInWithPasskey, proof));
  }

  @Route(registerByInvitation, opensSession)
  registerByInvitation(
    @Body({ schema: registerByInvitation.request }) registration: RequestOf<typeof registerByInvitation>,
    @HttpExchange() exchange: Exchange,
  ): Promise<SignInAnswer> {
    return this.answers.signIn(exchange, () => this.rpc.call(registerByInvitation, registration));
  }

  @Route(impersonateUser, opensSession)
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
