import {
  type accepted,
  emailChangeRequested,
  mailRequested,
  ProblemError,
  type EventPayload,
  type SessionActor,
} from '#libs/contracts';
import { execute, isUniqueViolation } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { mailedTokens, OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens';
import { PasswordService } from '../password/password.service';
import { SecurityLog } from '../../audit/security-log/security-log';
import { SessionService } from '../../session/session/session.service';
import { lockSessionOwner } from '../../session/session/session-owner';
import { removeWaysInSince } from './intruder';
import { User } from '../../account/user/user.entity';
import { accountByEmail, accountById, lockAccountById, type Account } from '../../account/user/users';

const confirmHours = 24;
const undoDays = 7;
const dayMs = 86_400_000;
const address = z.strictObject({ email: z.string() });
const formerAddress = address.extend({ changedAt: z.iso.datetime() });

/** Goes to the new address. */
const changeToken: TokenKind<typeof address> = {
  purpose: 'email-change',
  lifeSeconds: confirmHours * 3_600,
  data: address,
};

/** Goes to the old address. */
const undoToken: TokenKind<typeof formerAddress> = {
  purpose: 'email-change-undo',
  lifeSeconds: undoDays * 86_400,
  data: formerAddress,
};

@Injectable()
export class EmailChangeService {
  constructor(
    private readonly config: AuthConfig,
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly sessions: SessionService,
    private readonly password: PasswordService,
    private readonly securityLog: SecurityLog,
    private readonly outbox: Outbox,
  ) {}

  /** Notes the wish only: whether the address is taken is looked at after the answer, so the answer cannot tell. */
  async request(actor: SessionActor, email: string): Promise<z.output<typeof accepted>> {
    await this.dataSource.transaction(async (manager) => {
      const { id: userId, sessionEpoch } = await lockSessionOwner(manager, actor);
      await this.outbox.add(manager, emailChangeRequested, { userId, email, sessionEpoch });
    });
    return { status: 'accepted' };
  }

  /** Mails the new address: a link that confirms it, or, where it has an account, that somebody tried. */
  async send(manager: EntityManager, wish: EventPayload<typeof emailChangeRequested>): Promise<void> {
    const { userId, email } = wish;
    const user = await lockAccountById(manager, userId);
    if (user === undefined || user.email === email) return;
    // A reset came in between: whoever wished it may not be the owner.
    if (user.sessionEpoch !== wish.sessionEpoch) return;
    const owner = await accountByEmail(manager, email);
    if (owner !== undefined && owner.emailVerifiedAt !== null) {
      const mail = { template: 'already-registered' as const, name: owner.name };
      await this.outbox.add(manager, mailRequested, { to: email, locale: owner.locale, mail });
      return;
    }
    // Of several wishes the last one holds.
    await this.tokens.revoke(manager, userId, [changeToken.purpose]);
    const token = await this.tokens.issue(manager, changeToken, userId, { email });
    const url = `${this.config.publicUrl}/confirm-email-change#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: email,
      locale: user.locale,
      mail: { template: 'confirm-email-change', name: user.name, url, expiresInHours: confirmHours },
    });
  }

  /**
   * Links that were mailed to the old address are over with it, but the one that undoes the change.
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `email_taken`
   */
  async confirm(token: string): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const { userId, data } = await this.tokens.consume(manager, changeToken, token);
      const before = await this.setAddress(manager, userId, data.email);
      await this.tokens.revoke(manager, userId, mailedTokens);
      await this.securityLog.record(manager, before, 'email_changed', { from: before.email });
      const undo = await this.tokens.issue(manager, undoToken, userId, {
        email: before.email,
        changedAt: new Date().toISOString(),
      });
      const url = `${this.config.publicUrl}/undo-email-change#token=${undo}`;
      await this.outbox.add(manager, mailRequested, {
        to: before.email,
        locale: before.locale,
        mail: { template: 'email-changed', name: before.name, newEmail: data.email, url, expiresInDays: undoDays },
      });
    });
    return null;
  }

  /**
   * Whoever changed the address is out, with whatever they set up to come back, and knows the password perhaps: it is no more, and
   * its owner is asked for a new one.
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `email_taken`
   */
  async undo(token: string): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const { userId, data, expiresAt } = await this.tokens.consume(manager, undoToken, token);
      const before = await this.setAddress(manager, userId, data.email);
      await this.sessions.endAll(manager, userId, 'email_change_undone');
      await manager.update(User, { id: userId }, { passwordHash: null });
      await removeWaysInSince(manager, userId, new Date(Date.parse(data.changedAt) - dayMs));
      await this.tokens.revoke(manager, userId, mailedTokens);
      // Links that would undo later changes went to an intruder's addresses. One of an earlier change may be the owner's: an intruder who
      // undoes their own second change is not to take it away.
      await this.tokens.revokeSince(manager, userId, undoToken, expiresAt);
      await this.securityLog.record(manager, { ...before, email: data.email }, 'email_change_undone');
      await this.password.sendReset(manager, data.email);
    });
    return null;
  }

  /** @returns the account as it was before */
  private async setAddress(manager: EntityManager, userId: string, email: string): Promise<Account> {
    const before = await accountById(manager, userId);
    if (before === undefined) throw new ProblemError('token_invalid');
    // Somebody who registered it could not open its mail, as the holder of this link could.
    await manager.delete(User, { email, emailVerifiedAt: IsNull() });
    try {
      await execute(manager, 'UPDATE users SET email = $2, updated_at = now() WHERE id = $1', [userId, email]);
    } catch (error) {
      throw isUniqueViolation(error) ? new ProblemError('email_taken', { cause: error }) : error;
    }
    return before;
  }
}
