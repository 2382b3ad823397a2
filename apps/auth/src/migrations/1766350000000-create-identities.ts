import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdentities1766350000000 implements MigrationInterface {
  readonly name = 'CreateIdentities1766350000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE identities (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        provider text NOT NULL,
        issuer text NOT NULL,
        subject text NOT NULL,
        email text,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT identities_issuer_subject_key UNIQUE (issuer, subject)
      )`);
    await queryRunner.query('CREATE INDEX identities_user_id_idx ON identities (user_id)');
    await queryRunner.query(`
      CREATE TABLE oauth_flows (
        state_hash text PRIMARY KEY,
        browser_hash text NOT NULL,
        provider text NOT NULL,
        sealed_secrets text NOT NULL,
        return_to text NOT NULL,
        session_id uuid REFERENCES sessions ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX oauth_flows_session_id_idx ON oauth_flows (session_id)');
    await queryRunner.query('CREATE INDEX oauth_flows_expires_at_idx ON oauth_flows (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE oauth_flows, identities');
  }
}
