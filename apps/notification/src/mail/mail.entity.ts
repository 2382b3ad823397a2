import { BaseEntity } from '#libs/database';
import type { MailTemplate } from '#libs/contracts';
import type { Locale } from '#libs/validation';
import { Column, Entity } from 'typeorm';

export type MailStatus = 'queued' | 'sent';

/** One mail in the ledger: stored first, sent later. */
@Entity('mails')
export class MailRecord extends BaseEntity {
  @Column({ type: 'text' })
  recipient!: string;

  @Column({ type: 'text' })
  template!: MailTemplate;

  @Column({ type: 'text' })
  locale!: Locale;

  /** What the template needs, as Fernet-encrypted JSON, since links hold secrets; erased once the mail is sent. */
  @Column({ type: 'text', nullable: true })
  content!: string | null;

  @Column({ type: 'text' })
  status!: MailStatus;

  @Column({ type: 'int' })
  attempts!: number;

  /** The SMTP server's last refusal, by its reply code only. */
  @Column({ type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;
}
