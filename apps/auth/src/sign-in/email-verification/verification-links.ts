import { locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Mails } from '../../account/mail/mails';
import type { Account } from '../../account/user/users.table';
import { OneTimeTokens, type OneTimeTokenContent, type TokenKind } from '../one-time-token/one-time-tokens.table';

const expiresInHours = 24;

/** The link carries its registration: if two people register one address, the one whose link is opened gets the account. */
const registration = z.strictObject({ name: z.string(), locale, passwordHash: z.string().nullable() });
type Registration = z.output<typeof registration>;

const verificationToken: TokenKind<typeof registration> = {
  purpose: 'email-verification',
  lifeSeconds: expiresInHours * 3_600,
  data: registration,
};

/** The links that verify an email address. */
@Injectable()
export class VerificationLinks {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly mails: Mails,
  ) {}

  /** Mails a link that confirms `user.email` for this registration. */
  async send(manager: EntityManager, user: Account, { name, locale, passwordHash }: Registration): Promise<void> {
    const token = await this.tokens.issue(manager, verificationToken, user.id, { name, locale, passwordHash });
    const url = this.mails.link('verify-email', token);
    const mail = { template: 'verify-email' as const, name, url, expiresInHours, keepsPassword: passwordHash !== null };
    await this.mails.send(manager, { email: user.email, locale }, mail);
  }

  /**
   * For a request without a new registration. No one knows who set the password, so the link verifies the email
   * address and removes the password. The user sets a new one with a reset link.
   */
  sendWithoutPassword(manager: EntityManager, user: Account): Promise<void> {
    return this.send(manager, user, { ...user, passwordHash: null });
  }

  /** @throws ProblemError `token_invalid`, `token_expired` or `token_used` */
  consume(manager: EntityManager, token: string): Promise<OneTimeTokenContent<Registration>> {
    return this.tokens.consume(manager, verificationToken, token);
  }
}
