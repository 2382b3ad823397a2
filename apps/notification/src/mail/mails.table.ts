import { BaseEntity } from '#libs/database';
import type { MailTemplate } from '#libs/contracts';
import type { Locale } from '#libs/validation';
import { Check, Column, Entity, type EntityManager } from 'typeorm';

export type MailStatus = 'queued' | 'sent';

/** An email: stored first, sent later. */
@Entity('mails')
@Check('mails_status_is_known', "status IN ('queued', 'sent')")
export class MailRecord extends BaseEntity {
  @Column({ type: 'text' })
  recipient!: string;

  @Column({ type: 'text' })
  template!: MailTemplate;

  @Column({ type: 'text' })
  locale!: Locale;

  /** The template's values as Fernet-encrypted JSON, because links contain secrets. Erased once the email is sent. */
  @Column({ type: 'text', nullable: true })
  content!: string | null;

  @Column({ type: 'text' })
  status!: MailStatus;

  @Column({ type: 'int', default: 0 })
  attempts!: number;

  /** The SMTP server's last error, by its reply code only. */
  @Column({ type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;
}

type NewMail = Pick<MailRecord, 'id' | 'recipient' | 'template' | 'locale' | 'content'>;

export async function insertMail(manager: EntityManager, mail: NewMail): Promise<void> {
  await manager.insert(MailRecord, { ...mail, status: 'queued' });
}

export async function countAttempt(manager: EntityManager, id: string): Promise<void> {
  await manager.increment(MailRecord, { id }, 'attempts', 1);
}

export async function noteFailure(manager: EntityManager, id: string, lastError: string): Promise<void> {
  await manager.update(MailRecord, { id }, { lastError });
}

/** Erases the content, because links contain secrets. */
export async function noteSent(manager: EntityManager, id: string): Promise<void> {
  await manager.update(MailRecord, { id }, { status: 'sent', content: null, lastError: null, sentAt: new Date() });
}
