import { createOutboxAndInbox } from '#libs/jobs';
import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateAccounts1764000000000 implements MigrationInterface {
  readonly name = 'CreateAccounts1764000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await createUsers(queryRunner);
    await createEmailVerifications(queryRunner);
    await createSessions(queryRunner);
    await createSigningKeys(queryRunner);
    await createOutboxAndInbox(queryRunner);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'DROP TABLE signing_keys, refresh_tokens, sessions, email_verifications, users, outbox_deliveries, outbox, inbox',
    );
  }
}

async function createUsers(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE users (
      id uuid PRIMARY KEY,
      email text NOT NULL CONSTRAINT users_email_is_lower_case CHECK (email = lower(email)),
      name text NOT NULL,
      locale text NOT NULL,
      avatar_url text,
      password_hash text NOT NULL,
      email_verified_at timestamptz,
      mfa_enabled_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now()
    )`);
  await queryRunner.query('CREATE UNIQUE INDEX users_email_key ON users (email)');
  await queryRunner.query('CREATE INDEX users_unverified_idx ON users (updated_at) WHERE email_verified_at IS NULL');
}

async function createEmailVerifications(queryRunner: QueryRunner): Promise<void> {
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
  await queryRunner.query('CREATE INDEX email_verifications_user_id_idx ON email_verifications (user_id)');
  await queryRunner.query('CREATE INDEX email_verifications_expires_at_idx ON email_verifications (expires_at)');
}

async function createSessions(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE sessions (
      id uuid PRIMARY KEY,
      user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
      ip text NOT NULL,
      user_agent text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      last_seen_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      ended_at timestamptz,
      end_reason text
    )`);
  await queryRunner.query('CREATE INDEX sessions_user_id_idx ON sessions (user_id) WHERE ended_at IS NULL');
  await queryRunner.query('CREATE INDEX sessions_expires_at_idx ON sessions (expires_at)');
  await queryRunner.query(`
    CREATE TABLE refresh_tokens (
      hash text PRIMARY KEY,
      session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      rotated_at timestamptz,
      sealed_child text
    )`);
  await queryRunner.query('CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id)');
  await queryRunner.query('CREATE INDEX refresh_tokens_expires_at_idx ON refresh_tokens (expires_at)');
}

async function createSigningKeys(queryRunner: QueryRunner): Promise<void> {
  await queryRunner.query(`
    CREATE TABLE signing_keys (
      kid text PRIMARY KEY,
      public_key text NOT NULL,
      private_key text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now()
    )`);
}
