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

  /** Stores an email and the job that sends it, in the caller's transaction. */
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
   * Hands an email to the SMTP server. After a crash between the server's confirmation and our record of it,
   * the next attempt sends it again with the same Message-ID, so that email clients show it once.
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
      // RFC 3834: prevents vacation replies to an automatic email.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  }
}

const smtpFailure = z.object({ code: z.string().optional(), responseCode: z.int().optional() });

/** Returns only the connection error and the reply code, because the server's text can contain the email address. */
function smtpReply(error: unknown): string {
  const { code, responseCode } = smtpFailure.safeParse(error).data ?? {};
  return [code, responseCode].filter((part) => part !== undefined).join(' ') || 'failed';
}
