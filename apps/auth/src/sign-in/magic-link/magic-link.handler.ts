import {
  magicLinkMinutes,
  magicLinkRequested,
  requestMagicLink,
  signInWithMagicLink,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
  type SignedIn,
} from '#libs/contracts';
import { OnEvent, Outbox, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { lockAccountByEmail, requireAccount } from '../../account/user/users.table';
import { Mails } from '../../account/mail/mails';
import { VerificationLinks } from '../email-verification/verification-links';
import { OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens.table';
import { SignInService } from '../sign-in/sign-in.service';

const magicLink: TokenKind<z.ZodNull> = { purpose: 'magic-link', lifeSeconds: magicLinkMinutes * 60, data: z.null() };

@Controller()
export class MagicLinkHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly verifications: VerificationLinks,
    private readonly signIn: SignInService,
    private readonly outbox: Outbox,
    private readonly mails: Mails,
  ) {}

  /** Only records the request. The email address is looked up after the response, so the response cannot reveal it. */
  @Handles(requestMagicLink)
  async request({ email }: RequestOf<typeof requestMagicLink>): Promise<ResponseInput<typeof requestMagicLink>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, magicLinkRequested, { email }));
    return { status: 'accepted' };
  }

  /** An unverified registration may be a stranger's, so the owner of the email address gets a verification link. */
  @OnEvent(magicLinkRequested)
  async onRequested({ email }: EventPayload<typeof magicLinkRequested>, { manager }: EventDelivery): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user === undefined) return;
    if (user.emailVerifiedAt === null) return this.verifications.sendWithoutPassword(manager, user);
    const token = await this.tokens.issue(manager, magicLink, user.id, null);
    const url = this.mails.link('magic-link', token);
    const mail = { template: 'magic-link' as const, name: user.name, url, expiresInMinutes: magicLinkMinutes };
    await this.mails.send(manager, user, mail);
  }

  /**
   * The link replaces the password. With two-factor authentication, the second factor is still required.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  @Handles(signInWithMagicLink)
  use(
    { token }: RequestOf<typeof signInWithMagicLink>,
    { client }: ContextOf<typeof signInWithMagicLink>,
  ): Promise<SignedIn> {
    return this.dataSource.transaction(async (manager) => {
      const { userId } = await this.tokens.consume(manager, magicLink, token);
      const user = await requireAccount(manager, userId, 'token_invalid');
      return this.signIn.afterFirstFactor(manager, user, { method: 'magic_link', client });
    });
  }
}
