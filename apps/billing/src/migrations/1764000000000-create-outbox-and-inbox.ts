import { createOutboxAndInbox } from '#libs/jobs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateOutboxAndInbox1764000000000 implements MigrationInterface {
  readonly name = 'CreateOutboxAndInbox1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createOutboxAndInbox(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE outbox_deliveries, outbox, inbox');
  }
}
