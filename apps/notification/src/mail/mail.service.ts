import { mail, mailRequested, sendMail, type EventPayload } from '#libs/contracts';
import { Fernet } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { MailerService } from '@nestjs-modules/mailer';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { NotificationConfig } from '../config';
import { literalHeader } from './encoded-word';
import { countAttempt, insertMail, MailRecord, noteFailure, noteSent } from './mails.table';
import { renderMail } from './render';

@Injectable()
export class MailService {
  constructor(
    private readonly config: NotificationConfig,
    private readonly dataSource: DataSource,
    private readonly fernet: Fernet,
    private readonly outbox: Outbox,
    private readonly mailer: MailerService,
  ) {}

  /** Notes a mail in the ledger and the wish to send it, in the caller's transaction. */
  async queue(manager: EntityManager, mailId: string, requested: EventPayload<typeof mailRequested>): Promise<void> {
    await insertMail(manager, {
      id: mailId,
      recipient: requested.to,
      template: requested.mail.template,
      locale: requested.locale,
      content: this.fernet.encrypt(JSON.stringify(requested.mail)),
    });
    await this.outbox.add(manager, sendMail, { mailId });
  }

  /**
   * Hands a mail to the SMTP server. Killed between the server's yes and our note of it, the next attempt sends it again
   * under the same Message-ID, by which mail programs show it once.
   */
  async send(mailId: string): Promise<void> {
    const record = await this.dataSource.manager.findOneBy(MailRecord, { id: mailId });
    if (record === null || record.content === null) return;
    await countAttempt(this.dataSource.manager, mailId);
    try {
      await this.deliver(record, record.content);
    } catch (error) {
      await noteFailure(this.dataSource.manager, mailId, smtpReply(error));
      throw error;
    }
    await noteSent(this.dataSource.manager, mailId);
  }

  private async deliver(record: MailRecord, content: string): Promise<void> {
    const rendered = renderMail(mail.parse(JSON.parse(this.fernet.decrypt(content))), record.locale);
    await this.mailer.sendMail({
      ...rendered,
      subject: literalHeader(rendered.subject),
      to: { name: '', address: record.recipient },
      messageId: `<${record.id}@${new URL(this.config.publicUrl).hostname}>`,
      // RFC 3834: no vacation replies to a mail that a program sent.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }
}

const smtpFailure = z.object({ code: z.string().optional(), responseCode: z.int().optional() });

/** The connection error and the reply code only: a server's text may repeat the address. */
function smtpReply(error: unknown): string {
  const { code, responseCode } = smtpFailure.safeParse(error).data ?? {};
  return [code, responseCode].filter((part) => part !== undefined).join(' ') || 'failed';
}
