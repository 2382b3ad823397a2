import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `sent_count`: mails that were asked for, each less than a day after the one before. `seat_limit_version`: that of the last change
 * that billing told of.
 */
export class BoundInvitations1767200000000 implements MigrationInterface {
  readonly name = 'BoundInvitations1767200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE invitations
        ADD COLUMN sent_at timestamptz NOT NULL DEFAULT now(),
        ADD COLUMN sent_count integer NOT NULL DEFAULT 1`);
    await queryRunner.query('CREATE INDEX invitations_sent_at_idx ON invitations (organization_id, sent_at)');
    await queryRunner.query('CREATE INDEX invitations_email_idx ON invitations (email, sent_at)');
    await queryRunner.query('ALTER TABLE organizations ADD COLUMN seat_limit_version integer NOT NULL DEFAULT 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE organizations DROP COLUMN seat_limit_version');
    // Their indexes go with the columns.
    await queryRunner.query('ALTER TABLE invitations DROP COLUMN sent_at, DROP COLUMN sent_count');
  }
}
