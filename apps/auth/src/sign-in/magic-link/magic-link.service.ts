import {
  type accepted,
  magicLinkMinutes,
  magicLinkRequested,
  mailRequested,
  ProblemError,
  type Client,
  type SignedIn,
} from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { EmailVerificationService } from '../email-verification/email-verification.service';
import { OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens';
import { SignInService } from '../sign-in/sign-in.service';
import { accountById, lockAccountByEmail } from '../../account/user/users';

const magicLink: TokenKind<z.ZodNull> = { purpose: 'magic-link', lifeSeconds: magicLinkMinutes * 60, data: z.null() };

@Injectable()
export class MagicLinkService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly verification: EmailVerificationService,
    private readonly signIn: SignInService,
    private readonly outbox: Outbox,
  ) {}

  /** Notes the wish only: whether the address is known is looked at after the answer, so the answer cannot tell. */
  async request(email: string): Promise<z.output<typeof accepted>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, magicLinkRequested, { email }));
    return { status: 'accepted' };
  }

  /** Somebody registered an unverified address, perhaps not its owner: its owner gets the link that verifies it. */
  async send(manager: EntityManager, email: string): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user === undefined) return;
    if (user.emailVerifiedAt === null) return this.verification.sendWithoutPassword(manager, user);
    const token = await this.tokens.issue(manager, magicLink, user.id, null);
    const url = `${this.config.publicUrl}/magic-link#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: user.email,
      locale: user.locale,
      mail: { template: 'magic-link', name: user.name, url, expiresInMinutes: magicLinkMinutes },
    });
  }

  /**
   * The link stands for the password: where two-factor sign-in is on, the second factor is asked for all the same.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  use(token: string, client: Client | null): Promise<SignedIn> {
    return this.dataSource.transaction(async (manager) => {
      const { userId } = await this.tokens.consume(manager, magicLink, token);
      const user = await accountById(manager, userId);
      if (user === undefined) throw new ProblemError('token_invalid');
      return this.signIn.afterFirstFactor(manager, user, { method: 'magic_link', client });
    });
  }
}
