import { createOutboxAndInbox } from '#libs/jobs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateEdgeRecords1764000000000 implements MigrationInterface {
  readonly name = 'CreateEdgeRecords1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE idempotency_records (
        id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
        fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
        lease_id uuid NOT NULL,
        lease_expires_at timestamptz NOT NULL,
        answer text,
        expires_at timestamptz NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX idempotency_records_expires_at ON idempotency_records (expires_at)');
    await queryRunner.query(`
      CREATE TABLE revoked_sessions (
        session_id uuid PRIMARY KEY,
        access_tokens_expire_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
      )`);
    await queryRunner.query('CREATE INDEX revoked_sessions_recorded_at ON revoked_sessions (recorded_at)');
    await createOutboxAndInbox(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE idempotency_records, revoked_sessions, outbox_deliveries, outbox, inbox');
  }
}
