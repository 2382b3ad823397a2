import type { QueryRunner } from 'typeorm';

/**
 * For a service's first migration: `outbox` and `outbox_deliveries` (one row per subscriber) hold
 * announced events, and `inbox` holds handled ones. Migrations that ran are never edited, so a later
 * change of these tables is a new function.
 */
export async function createOutboxAndInbox(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE outbox (
      id uuid PRIMARY KEY,
      event text NOT NULL,
      payload text NOT NULL,
      context jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
  // Separate from the payloads, because these rows are updated twice each and should stay small.
  await queryRunner.query(`
    CREATE TABLE outbox_deliveries (
      event_id uuid NOT NULL REFERENCES outbox ON DELETE CASCADE,
      subscriber text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL DEFAULT now(),
      relayed_at timestamptz,
      acknowledged_at timestamptz,
      PRIMARY KEY (event_id, subscriber)
    )`);
  // The relay reads this index several times a second, so it leaves out finished rows.
  await queryRunner.query(
    'CREATE INDEX outbox_deliveries_due_idx ON outbox_deliveries (next_attempt_at) WHERE acknowledged_at IS NULL',
  );
  await queryRunner.query(`
    CREATE TABLE inbox (
      event_id uuid PRIMARY KEY,
      processed_at timestamptz NOT NULL DEFAULT now()
    )`);
  await queryRunner.query('CREATE INDEX inbox_processed_at_idx ON inbox (processed_at)');
}
