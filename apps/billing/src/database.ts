import { jobEntities } from '#libs/jobs';
import { CreateOutboxAndInbox1764000000000 } from './migrations/1764000000000-create-outbox-and-inbox';

export const entities = [...jobEntities];

export const migrations = [CreateOutboxAndInbox1764000000000];

/** What `npm run reencrypt` brings under the newest key. */
export const encryptedColumns = [];
