import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Links that were mailed before go on working. */
export class MoveEmailVerifications1765000000001 implements MigrationInterface {
  readonly name = 'MoveEmailVerifications1765000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      INSERT INTO one_time_tokens (selector, purpose, verifier_hash, user_id, data, created_at, expires_at, used_at)
      SELECT selector, 'email-verification', verifier_hash, user_id,
        jsonb_build_object('name', name, 'locale', locale, 'passwordHash', password_hash), created_at, expires_at, used_at
      FROM email_verifications`);
    await queryRunner.query('DROP TABLE email_verifications');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE email_verifications (
        selector text PRIMARY KEY,
        verifier_hash text NOT NULL,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        name text NOT NULL,
        locale text NOT NULL,
        password_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await queryRunner.query(`
      INSERT INTO email_verifications
      SELECT selector, verifier_hash, user_id, data->>'name', data->>'locale', data->>'passwordHash', created_at, expires_at, used_at
      FROM one_time_tokens WHERE purpose = 'email-verification'`);
    await queryRunner.query("DELETE FROM one_time_tokens WHERE purpose = 'email-verification'");
    await queryRunner.query('CREATE INDEX email_verifications_user_id_idx ON email_verifications (user_id)');
    await queryRunner.query('CREATE INDEX email_verifications_expires_at_idx ON email_verifications (expires_at)');
  }
}
