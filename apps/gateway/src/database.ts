import type { EncryptedColumn } from '#libs/encryption';
import { jobEntities } from '#libs/jobs';
import { IdempotencyRecord } from './idempotency/idempotency-records.table';
import { CreateEdgeRecords1764000000000 } from './migrations/1764000000000-create-edge-records';
import { RevokedSession } from './session-revocation/revoked-sessions.table';

export const entities = [...jobEntities, IdempotencyRecord, RevokedSession];

export const migrations = [CreateEdgeRecords1764000000000];

/** The columns that `npm run reencrypt` encrypts with the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'idempotency_records', id: 'id', column: 'answer' },
];
