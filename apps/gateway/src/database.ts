import type { EncryptedColumn } from '#libs/encryption';
import { IdempotencyRecord } from './idempotency/idempotency-record.entity';
import { CreateEdgeRecords1764000000000 } from './migrations/1764000000000-create-edge-records';
import { RevokedSession } from './session-revocation/revoked-session.entity';

export const entities = [IdempotencyRecord, RevokedSession];

export const migrations = [CreateEdgeRecords1764000000000];

/** What `npm run reencrypt` brings under the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'idempotency_records', id: 'id', column: 'answer' },
];
