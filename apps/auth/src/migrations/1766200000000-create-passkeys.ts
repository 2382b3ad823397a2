import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreatePasskeys1766200000000 implements MigrationInterface {
  readonly name = 'CreatePasskeys1766200000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE passkeys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        credential_id text NOT NULL UNIQUE,
        public_key bytea NOT NULL,
        counter bigint NOT NULL,
        transports text[] NOT NULL,
        name text NOT NULL,
        device_type text NOT NULL,
        backed_up boolean NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz
      )`);
    await queryRunner.query('CREATE INDEX passkeys_user_id_idx ON passkeys (user_id, id)');
    await queryRunner.query(`
      CREATE TABLE webauthn_challenges (
        hash text PRIMARY KEY,
        kind text NOT NULL,
        user_id uuid REFERENCES users ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      )`);
    await queryRunner.query('CREATE INDEX webauthn_challenges_user_id_idx ON webauthn_challenges (user_id)');
    await queryRunner.query('CREATE INDEX webauthn_challenges_expires_at_idx ON webauthn_challenges (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE passkeys, webauthn_challenges');
  }
}
