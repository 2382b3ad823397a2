import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdentity1765000000000 implements MigrationInterface {
  readonly name = 'CreateIdentity1765000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await changeUsersAndSessions(queryRunner);
    await createOneTimeTokens(queryRunner);
    await createSecondFactors(queryRunner);
    await createSecurityEvents(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE one_time_tokens, sign_in_attempts, totp_credentials, recovery_codes, security_events',
    );
    await queryRunner.query('DROP INDEX sessions_seen_idx');
    await queryRunner.query('ALTER TABLE sessions DROP COLUMN epoch, DROP COLUMN authenticated_at');
    await queryRunner.query('ALTER TABLE users DROP COLUMN session_epoch, ALTER COLUMN password_hash SET NOT NULL');
  }
}

async function changeUsersAndSessions(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    ALTER TABLE users
      ADD COLUMN session_epoch integer NOT NULL DEFAULT 0,
      ALTER COLUMN password_hash DROP NOT NULL`);
  await queryRunner.query(`
    ALTER TABLE sessions
      ADD COLUMN epoch integer NOT NULL DEFAULT 0,
      ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT now()`);
  await queryRunner.query('UPDATE sessions SET authenticated_at = created_at');
  await queryRunner.query('CREATE INDEX sessions_seen_idx ON sessions (user_id, ip)');
}

async function createOneTimeTokens(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE one_time_tokens (
      selector text PRIMARY KEY,
      purpose text NOT NULL,
      verifier_hash text NOT NULL,
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      data jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      used_at timestamptz
    )`);
  await queryRunner.query('CREATE INDEX one_time_tokens_user_id_idx ON one_time_tokens (user_id)');
  await queryRunner.query('CREATE INDEX one_time_tokens_expires_at_idx ON one_time_tokens (expires_at)');
}

async function createSecondFactors(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE sign_in_attempts (
      id bytea PRIMARY KEY CHECK (octet_length(id) = 32),
      failures integer NOT NULL,
      blocked_until timestamptz NOT NULL,
      expires_at timestamptz NOT NULL
    )`);
  await queryRunner.query('CREATE INDEX sign_in_attempts_expires_at_idx ON sign_in_attempts (expires_at)');
  await queryRunner.query(`
    CREATE TABLE totp_credentials (
      user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
      secret text NOT NULL,
      confirmed_at timestamptz,
      last_used_step bigint NOT NULL DEFAULT 0,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
  await queryRunner.query(`
    CREATE TABLE recovery_codes (
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      hash text NOT NULL,
      used_at timestamptz,
      PRIMARY KEY (user_id, hash)
    )`);
}

async function createSecurityEvents(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE security_events (
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      type text NOT NULL,
      ip text,
      user_agent text,
      request_id text NOT NULL,
      details jsonb NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
  await queryRunner.query('CREATE INDEX security_events_user_id_idx ON security_events (user_id, id DESC)');
  await queryRunner.query('CREATE INDEX security_events_created_at_idx ON security_events (created_at)');
}
