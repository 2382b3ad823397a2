import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One use of an idempotency key by one client: being worked on while `answer` is null and the lease runs, answered after. */
@Entity('idempotency_records')
export class IdempotencyRecord {
  /** SHA-256 of who asks and the key. */
  @PrimaryColumn({ type: 'bytea' })
  id!: Buffer;

  /** SHA-256 of what is asked: method, address, body and the way the session is to be given. */
  @Column({ type: 'bytea' })
  fingerprint!: Buffer;

  @Column({ type: 'uuid' })
  leaseId!: string;

  @Column({ type: 'timestamptz' })
  leaseExpiresAt!: Date;

  /** Encrypted: an answer may hold a session. */
  @Column({ type: 'text', nullable: true })
  answer!: string | null;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;
}
