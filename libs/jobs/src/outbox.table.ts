import { execute, queryRows } from '#libs/database';
import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Timings } from './options';

/** An event that the service announces, or a job that it orders. */
@Entity('outbox')
export class OutboxEvent {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') event!: string;
  /** Fernet-encrypted where the contract is confidential. */
  @Column('text') payload!: string;
  @Column('jsonb') context!: unknown;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

/** Apart from the payloads: these rows are updated twice each, and stay small. */
@Entity('outbox_deliveries')
@Index('outbox_deliveries_due_idx', ['nextAttemptAt'], { where: 'acknowledged_at IS NULL' })
export class OutboxDelivery {
  @ForeignKey(() => OutboxEvent, { onDelete: 'CASCADE' }) @PrimaryColumn('uuid') eventId!: string;
  @PrimaryColumn('text') subscriber!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Column('int', { default: 0 }) attempts!: number;
  @Column('timestamptz', { default: () => 'now()' }) nextAttemptAt!: Date;
  @Column('timestamptz', { nullable: true }) relayedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) acknowledgedAt!: Date | null;
}

/** With a delivery for each subscriber, and a notice on the channel, in one statement. */
export async function insertEvent(
  manager: EntityManager,
  { id, event, payload, context }: Omit<OutboxEvent, 'createdAt'>,
  subscribers: readonly string[],
  channel: string,
): Promise<void> {
  const sql = `WITH event AS (
      INSERT INTO outbox (id, event, payload, context) VALUES ($1, $2, $3, $4)
    ), deliveries AS (
      INSERT INTO outbox_deliveries (event_id, subscriber) SELECT $1, unnest($5::text[])
    )
    SELECT pg_notify($6, '')`;
  await execute(manager, sql, [id, event, payload, context, subscribers, channel]);
}

const dueDelivery = z.object({
  event_id: z.uuid(),
  subscriber: z.string(),
  event: z.string(),
  payload: z.string(),
  /** Passed on without validation: the subscriber reports an invalid context, which is no reason to stop the relay. */
  context: z.unknown(),
  attempts: z.int(),
});
export type DueDelivery = z.output<typeof dueDelivery>;

export interface DeliveryKey {
  readonly event_id: string;
  readonly subscriber: string;
}

/**
 * Older rows are not added again automatically. Their inbox row can be gone (see retention.ts), so a
 * repeat would act twice.
 */
const redeliveredForDays = 21;

/** Leases due rows to this relay. No other relay takes them until the lease ends, even if this one dies. */
export async function claimDue(manager: EntityManager, limit: number, leaseMs: number): Promise<DueDelivery[]> {
  return queryRows(
    manager,
    `WITH due AS (
       SELECT event_id, subscriber FROM outbox_deliveries
       WHERE acknowledged_at IS NULL AND next_attempt_at <= now()
       ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
     ), claimed AS (
       UPDATE outbox_deliveries d SET attempts = d.attempts + 1, next_attempt_at = now() + $2 * interval '1 ms'
       FROM due WHERE d.event_id = due.event_id AND d.subscriber = due.subscriber
       RETURNING d.event_id, d.subscriber, d.attempts
     )
     SELECT event_id, subscriber, event, payload, context, attempts
     FROM claimed JOIN outbox ON id = event_id ORDER BY event_id`,
    [limit, leaseMs],
    dueDelivery,
  );
}

/** Records that Redis has the jobs, and when to add them again if no acknowledgement arrives. */
export async function markRelayed(
  manager: EntityManager,
  deliveries: readonly DeliveryKey[],
  { redelivery, longestRedelivery }: Pick<Timings, 'redelivery' | 'longestRedelivery'>,
): Promise<void> {
  await execute(
    manager,
    `UPDATE outbox_deliveries SET
       relayed_at = coalesce(relayed_at, now()),
       next_attempt_at = CASE WHEN created_at < now() - $5 * interval '1 day' THEN 'infinity'
         ELSE now() + least($3 * 2 ^ least(attempts - 1, 20), $4) * interval '1 ms' END
     WHERE (event_id, subscriber) IN (SELECT * FROM unnest($1::uuid[], $2::text[])) AND acknowledged_at IS NULL`,
    [...columns(deliveries), redelivery, longestRedelivery, redeliveredForDays],
  );
}

/** @returns how many were not acknowledged before */
export async function acknowledge(manager: EntityManager, deliveries: readonly DeliveryKey[]): Promise<number> {
  return execute(
    manager,
    `UPDATE outbox_deliveries SET acknowledged_at = now()
     WHERE (event_id, subscriber) IN (SELECT * FROM unnest($1::uuid[], $2::text[])) AND acknowledged_at IS NULL`,
    columns(deliveries),
  );
}

const backlog = z.object({ depth: z.coerce.number(), oldest_seconds: z.coerce.number() });

/** Counts unfinished deliveries, up to 10,000, and returns the age of the oldest. */
export async function measureBacklog(manager: EntityManager): Promise<z.output<typeof backlog>> {
  const sql = `
    SELECT count(*) AS depth, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS oldest_seconds
    FROM (SELECT created_at FROM outbox_deliveries WHERE acknowledged_at IS NULL ORDER BY next_attempt_at LIMIT 10000) d`;
  const [row] = await queryRows(manager, sql, [], backlog);
  return row ?? { depth: 0, oldest_seconds: 0 };
}

function columns(deliveries: readonly DeliveryKey[]): [string[], string[]] {
  return [deliveries.map(({ event_id }) => event_id), deliveries.map(({ subscriber }) => subscriber)];
}
