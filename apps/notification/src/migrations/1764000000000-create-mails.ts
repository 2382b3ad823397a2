import { createOutboxAndInbox } from '#libs/jobs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateMails1764000000000 implements MigrationInterface {
  readonly name = 'CreateMails1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE mails (
        id uuid PRIMARY KEY,
        recipient text NOT NULL,
        template text NOT NULL,
        locale text NOT NULL,
        content text,
        status text NOT NULL CONSTRAINT mails_status_is_known CHECK (status IN ('queued', 'sent')),
        attempts integer NOT NULL DEFAULT 0,
        last_error text,
        sent_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await queryRunner.query("CREATE INDEX mails_queued_idx ON mails (created_at) WHERE status = 'queued'");
    await createOutboxAndInbox(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE mails, outbox_deliveries, outbox, inbox');
  }
}
