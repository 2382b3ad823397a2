import { jobEntities } from '#libs/jobs';
import { CreateOutboxAndInbox1764000000000 } from './migrations/1764000000000-create-outbox-and-inbox';

export const entities = [...jobEntities];

export const migrations = [CreateOutboxAndInbox1764000000000];

/** The columns that `npm run reencrypt` encrypts with the newest key. */
export const encryptedColumns = [];
