import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddStaff1766700000000 implements MigrationInterface {
  readonly name = 'AddStaff1766700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE users
        ADD COLUMN staff_role text CONSTRAINT users_staff_role_is_known CHECK (staff_role IN ('support', 'admin')),
        ADD COLUMN suspended_at timestamptz,
        ADD COLUMN suspension_reason text,
        ADD CONSTRAINT users_suspension_has_reason CHECK ((suspended_at IS NULL) = (suspension_reason IS NULL))`);
    await queryRunner.query('CREATE INDEX users_staff_idx ON users (email) WHERE staff_role IS NOT NULL');
    await queryRunner.query(`
      ALTER TABLE sessions
        ADD COLUMN second_factor boolean NOT NULL DEFAULT false,
        ADD COLUMN impersonator_id uuid REFERENCES users ON DELETE CASCADE,
        ADD COLUMN impersonator_session_id uuid REFERENCES sessions ON DELETE CASCADE,
        ADD COLUMN read_only boolean NOT NULL DEFAULT false`);
    await queryRunner.query(
      'CREATE INDEX sessions_impersonator_id_idx ON sessions (impersonator_id) WHERE impersonator_id IS NOT NULL',
    );
    await queryRunner.query(`
      CREATE INDEX sessions_impersonator_session_id_idx ON sessions (impersonator_session_id)
        WHERE impersonator_session_id IS NOT NULL`);
    // The collation C sorts by bytes, so that one index finds by prefix and pages through what it finds.
    await queryRunner.query('CREATE INDEX users_email_prefix_idx ON users (email COLLATE "C")');
    await queryRunner.query('CREATE INDEX users_name_prefix_idx ON users (lower(name) COLLATE "C", id)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX users_name_prefix_idx, users_email_prefix_idx');
    await queryRunner.query(`
      ALTER TABLE sessions
        DROP COLUMN second_factor, DROP COLUMN impersonator_id, DROP COLUMN impersonator_session_id, DROP COLUMN read_only`);
    await queryRunner.query(
      'ALTER TABLE users DROP COLUMN staff_role, DROP COLUMN suspended_at, DROP COLUMN suspension_reason',
    );
  }
}
