import {
  confirmEmailChange,
  emailChangeRequested,
  requestEmailChange,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnEvent, Outbox, type EventDelivery } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Mails } from '../../account/mail/mails';
import { accountByEmail, lockAccountById } from '../../account/user/users.table';
import { SecurityLog } from '../../audit/security-log/security-log';
import { lockSessionOwner } from '../../session/session/session-owner';
import { mailedTokens, OneTimeTokens, type TokenKind } from '../one-time-token/one-time-tokens.table';
import { address, setAddress, undoDays, undoToken } from './address-change';

const confirmHours = 24;

/** Goes to the new email address. */
const changeToken: TokenKind<typeof address> = {
  purpose: 'email-change',
  lifeSeconds: confirmHours * 3_600,
  data: address,
};

@Controller()
export class EmailChangeHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: OneTimeTokens,
    private readonly securityLog: SecurityLog,
    private readonly outbox: Outbox,
    private readonly mails: Mails,
  ) {}

  /** Only records the request. The email address is looked up after the response, so the response cannot reveal it. */
  @Handles(requestEmailChange)
  async request(
    { email }: RequestOf<typeof requestEmailChange>,
    { actor }: ContextOf<typeof requestEmailChange>,
  ): Promise<ResponseInput<typeof requestEmailChange>> {
    await this.dataSource.transaction(async (manager) => {
      const { id: userId, sessionEpoch } = await lockSessionOwner(manager, actor);
      await this.outbox.add(manager, emailChangeRequested, { userId, email, sessionEpoch });
    });
    return { status: 'accepted' };
  }

  /** Emails a confirmation link to the new address, or tells its owner about the attempt if it has an account. */
  @OnEvent(emailChangeRequested)
  async onRequested(
    { userId, email, sessionEpoch }: EventPayload<typeof emailChangeRequested>,
    { manager }: Pick<EventDelivery, 'manager'>,
  ): Promise<void> {
    const user = await lockAccountById(manager, userId);
    if (user === undefined || user.email === email) return;
    // After a password reset, the request may come from someone other than the owner.
    if (user.sessionEpoch !== sessionEpoch) return;
    const owner = await accountByEmail(manager, email);
    if (owner !== undefined && owner.emailVerifiedAt !== null) {
      await this.mails.send(manager, owner, { template: 'already-registered', name: owner.name });
      return;
    }
    // Only the last of several requests counts.
    await this.tokens.revoke(manager, userId, [changeToken.purpose]);
    const url = this.mails.link(
      'confirm-email-change',
      await this.tokens.issue(manager, changeToken, userId, { email }),
    );
    const mail = { template: 'confirm-email-change' as const, name: user.name, url, expiresInHours: confirmHours };
    await this.mails.send(manager, { email, locale: user.locale }, mail);
  }

  /**
   * Links that were emailed to the old address stop working, except the one that undoes the change.
   * @throws ProblemError `token_invalid`, `token_expired`, `token_used`, `email_taken`
   */
  @Handles(confirmEmailChange)
  async confirm({ token }: RequestOf<typeof confirmEmailChange>): Promise<null> {
    await this.dataSource.transaction(async (manager) => {
      const { userId, data } = await this.tokens.consume(manager, changeToken, token);
      const before = await setAddress(manager, userId, data.email);
      await this.tokens.revoke(manager, userId, mailedTokens);
      await this.securityLog.record(manager, before, 'email_changed', { from: before.email });
      const former = { email: before.email, changedAt: new Date().toISOString() };
      const url = this.mails.link('undo-email-change', await this.tokens.issue(manager, undoToken, userId, former));
      const { name } = before;
      const mail = { template: 'email-changed' as const, name, newEmail: data.email, url, expiresInDays: undoDays };
      await this.mails.send(manager, before, mail);
    });
    return null;
  }
}
