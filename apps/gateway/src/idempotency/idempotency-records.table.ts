import { execute } from '#libs/database';
import { Check, Column, Entity, Index, PrimaryColumn, type EntityManager } from 'typeorm';

/**
 * One use of an idempotency key by one client. While `answer` is null and the lease runs, the request is
 * in progress.
 */
@Entity('idempotency_records')
@Check('idempotency_records_id_check', 'octet_length(id) = 32')
@Check('idempotency_records_fingerprint_check', 'octet_length(fingerprint) = 32')
@Index('idempotency_records_expires_at', ['expiresAt'])
export class IdempotencyRecord {
  /** SHA-256 of the caller's identity and the idempotency key. */
  @PrimaryColumn({ type: 'bytea' })
  id!: Buffer;

  /** SHA-256 of the method, URL, body and session mode. */
  @Column({ type: 'bytea' })
  fingerprint!: Buffer;

  @Column({ type: 'uuid' })
  leaseId!: string;

  @Column({ type: 'timestamptz' })
  leaseExpiresAt!: Date;

  /** Encrypted, because a response can contain a session. */
  @Column({ type: 'text', nullable: true })
  answer!: string | null;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;
}

type Key = Pick<IdempotencyRecord, 'id' | 'leaseId'>;

/** @returns true if the key is free, was released, or belongs to an equal request whose lease expired */
export async function takeKey(
  manager: EntityManager,
  { id, fingerprint, leaseId }: Key & Pick<IdempotencyRecord, 'fingerprint'>,
  { leaseSeconds, retentionHours }: { readonly leaseSeconds: number; readonly retentionHours: number },
): Promise<boolean> {
  const sql = `INSERT INTO idempotency_records AS record (id, fingerprint, lease_id, lease_expires_at, expires_at)
    VALUES ($1, $2, $3, now() + make_interval(secs => $4), now() + make_interval(hours => $5))
    ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, lease_id = excluded.lease_id,
      lease_expires_at = excluded.lease_expires_at, expires_at = excluded.expires_at, answer = NULL
    WHERE record.expires_at <= now()
      OR (record.answer IS NULL AND record.lease_expires_at <= now() AND record.fingerprint = excluded.fingerprint)`;
  return (await execute(manager, sql, [id, fingerprint, leaseId, leaseSeconds, retentionHours])) === 1;
}

/** Does nothing if the lease expired and another request has the key. */
export async function storeResponse(manager: EntityManager, { id, leaseId }: Key, response: string): Promise<void> {
  await manager.update(IdempotencyRecord, { id, leaseId }, { answer: response });
}

export async function giveKeyBack(manager: EntityManager, { id, leaseId }: Key): Promise<void> {
  await manager.delete(IdempotencyRecord, { id, leaseId });
}
