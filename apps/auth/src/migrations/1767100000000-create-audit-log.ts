import { createAuditLog, dropAuditLog } from '#libs/audit';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAuditLog1767100000000 implements MigrationInterface {
  readonly name = 'CreateAuditLog1767100000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createAuditLog(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await dropAuditLog(queryRunner);
  }
}
