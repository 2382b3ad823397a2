import type { MigrationInterface, QueryRunner } from 'typeorm';

/** No query reads emails by status, because BullMQ knows which ones to send. Each email wrote the index twice. */
export class DropQueuedMailsIndex1767400000000 implements MigrationInterface {
  readonly name = 'DropQueuedMailsIndex1767400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX mails_queued_idx');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("CREATE INDEX mails_queued_idx ON mails (created_at) WHERE status = 'queued'");
  }
}
