import type { EncryptedColumn } from '#libs/encryption';
import { jobEntities } from '#libs/jobs';
import { MailRecord } from './mail/mails.table';
import { CreateMails1764000000000 } from './migrations/1764000000000-create-mails';
import { DropQueuedMailsIndex1767400000000 } from './migrations/1767400000000-drop-queued-mails-index';

export const entities = [...jobEntities, MailRecord];

export const migrations = [CreateMails1764000000000, DropQueuedMailsIndex1767400000000];

/** The columns that `npm run reencrypt` encrypts with the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'mails', id: 'id', column: 'content' },
  { table: 'outbox', id: 'id', column: 'payload', mixed: true },
];
