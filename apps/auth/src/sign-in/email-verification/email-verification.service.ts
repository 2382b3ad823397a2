import {
  mailRequested,
  ProblemError,
  resendVerification,
  verificationRequested,
  type Client,
  type ResponseInput,
  type Session,
} from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens';
import { SessionService } from '../../session/session/session.service';
import { User } from '../../account/user/user.entity';
import { accountById, lockAccountByEmail, type Account } from '../../account/user/users';

const expiresInHours = 24;

/** The link carries its registration: if two people register one address, the one whose link is opened gets the account. */
const registration = z.strictObject({ name: z.string(), locale, passwordHash: z.string().nullable() });
type Registration = z.output<typeof registration>;

const verificationToken: TokenKind<typeof registration> = {
  purpose: 'email-verification',
  lifeSeconds: expiresInHours * 3_600,
  data: registration,
};

@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly sessions: SessionService,
    private readonly outbox: Outbox,
  ) {}

  /** Mails a link that confirms `user.email` for this registration. The token is in the fragment: no server or referrer sees it. */
  async send(manager: EntityManager, user: Account, { name, locale, passwordHash }: Registration): Promise<void> {
    const token = await this.tokens.issue(manager, verificationToken, user.id, { name, locale, passwordHash });
    const url = `${this.config.publicUrl}/verify-email#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: user.email,
      locale,
      mail: { template: 'verify-email', name, url, expiresInHours, keepsPassword: passwordHash !== null },
    });
  }

  /**
   * For who asks for a link without having just registered: whose password the account has, nobody can tell. So the address is
   * confirmed, and the account has no password until one is chosen by a reset link.
   */
  sendWithoutPassword(manager: EntityManager, user: Account): Promise<void> {
    return this.send(manager, user, { ...user, passwordHash: null });
  }

  /** Notes the wish only: whether the address is known is looked at after the answer, so the answer cannot tell. */
  async requestAnother(email: string): Promise<ResponseInput<typeof resendVerification>> {
    await this.dataSource.transaction((manager) => this.outbox.add(manager, verificationRequested, { email }));
    return { status: 'verification_sent' };
  }

  async sendAnother(manager: EntityManager, email: string): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user !== undefined && user.emailVerifiedAt === null) await this.sendWithoutPassword(manager, user);
  }

  /**
   * Confirms the address, and signs the person in who opened the link.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  verify(token: string, client: Client | null): Promise<Session> {
    return this.dataSource.transaction(async (manager) => {
      const { userId, data: confirmed } = await this.tokens.consume(manager, verificationToken, token);
      const changes = { ...confirmed, emailVerifiedAt: new Date() };
      const { affected } = await manager.update(User, { id: userId, emailVerifiedAt: IsNull() }, changes);
      const user = await accountById(manager, userId);
      // Another link of the same account was opened first: the transaction ends, and with it this link's use.
      if (affected === 0 || user === undefined) throw new ProblemError('token_used');
      return this.sessions.start(manager, user, { method: 'email_verification', client, isNewDevice: false });
    });
  }
}
