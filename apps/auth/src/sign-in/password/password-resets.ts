import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { Mails } from '../../account/mail/mails';
import { lockAccountByEmail } from '../../account/user/users.table';
import { OneTimeTokens, type OneTimeTokenContent, type TokenKind } from '../one-time-token/one-time-tokens.table';

const expiresInMinutes = 30;
const resetToken: TokenKind<z.ZodNull> = {
  purpose: 'password-reset',
  lifeSeconds: expiresInMinutes * 60,
  data: z.null(),
};

@Injectable()
export class PasswordResets {
  constructor(
    private readonly tokens: OneTimeTokens,
    private readonly mails: Mails,
  ) {}

  async send(manager: EntityManager, email: string): Promise<void> {
    const user = await lockAccountByEmail(manager, email);
    if (user === undefined) return;
    const token = await this.tokens.issue(manager, resetToken, user.id, null);
    const url = this.mails.link('reset-password', token);
    await this.mails.send(manager, user, { template: 'password-reset', name: user.name, url, expiresInMinutes });
  }

  /**
   * Reads the token without consuming it.
   * @throws ProblemError `token_invalid`, `token_expired` or `token_used`
   */
  read(manager: EntityManager, token: string): Promise<OneTimeTokenContent<null>> {
    return this.tokens.read(manager, resetToken, token);
  }

  /** @throws ProblemError `token_invalid`, `token_expired` or `token_used` */
  consume(manager: EntityManager, token: string): Promise<OneTimeTokenContent<null>> {
    return this.tokens.consume(manager, resetToken, token);
  }
}
