import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateApiKeys1766300000000 implements MigrationInterface {
  readonly name = 'CreateApiKeys1766300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        name text NOT NULL,
        hint text NOT NULL,
        hash text NOT NULL UNIQUE,
        scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`);
    await queryRunner.query('CREATE INDEX api_keys_user_id_idx ON api_keys (user_id, id DESC)');
    await queryRunner.query('CREATE INDEX api_keys_ended_idx ON api_keys (least(expires_at, revoked_at))');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE api_keys');
  }
}
