import { newId } from '#libs/database';
import { createApiKey, hashToken, PasswordHasher, randomToken } from '#libs/encryption';
import { Pool } from 'pg';
import { Organizations } from './organizations';

export interface Someone {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** Creates data of a user and returns its id. */
export type Belongings = Pick<People, 'someone' | 'session' | 'apiKey' | 'passkey' | 'identity'> & {
  readonly organizations: Pick<Organizations, 'join' | 'role' | 'offer' | 'invite'>;
};

const password = 'a very good password';

/**
 * Creates users and their data directly in auth's database. Through the API each would cost an email and
 * several Argon2 hashes.
 */
export class People {
  readonly organizations: Organizations;
  private readonly pool: Pool;
  /** Shared by all users and cheap to verify. */
  private readonly passwordHash = new PasswordHasher({ memoryKiB: 64, iterations: 1 }).hash(password);

  constructor(authDatabase: string) {
    // Bypasses row-level security, which also applies to the tables' owner.
    this.pool = new Pool({ connectionString: authDatabase, max: 4, options: '-c app.platform=on' });
    this.organizations = new Organizations(this.pool);
  }

  async someone(staffRole: 'support' | 'admin' | null = null): Promise<Someone> {
    const id = newId();
    const email = `${id}@example.com`;
    await this.pool.query(
      `INSERT INTO users (id, email, name, locale, password_hash, email_verified_at, staff_role)
       VALUES ($1, $2, 'Ada', 'en', $3, now(), $4)`,
      [id, email, await this.passwordHash, staffRole],
    );
    return { id, email, password };
  }

  /** @returns the session's id and a refresh token */
  async session(
    userId: string,
    { minutesAgo = 0, secondFactor = false } = {},
  ): Promise<{ id: string; refreshToken: string }> {
    const [id, refreshToken] = [newId(), randomToken()];
    await this.pool.query(
      `INSERT INTO sessions (id, user_id, ip, user_agent, authenticated_at, expires_at, second_factor)
       VALUES ($1, $2, '127.0.0.1', 'none', now() - make_interval(mins => $3), now() + interval '1 day', $4)`,
      [id, userId, minutesAgo, secondFactor],
    );
    await this.pool.query(
      `INSERT INTO refresh_tokens (hash, session_id, expires_at) VALUES ($1, $2, now() + interval '1 day')`,
      [hashToken(refreshToken), id],
    );
    return { id, refreshToken };
  }

  async apiKey(userId: string, scopes: readonly string[]): Promise<{ id: string; key: string }> {
    const [id, { key, hint, hash }] = [newId(), createApiKey()];
    await this.pool.query(
      `INSERT INTO api_keys (id, user_id, name, hint, hash, scopes, expires_at)
       VALUES ($1, $2, 'Deploys', $3, $4, $5, now() + interval '1 day')`,
      [id, userId, hint, hash, scopes],
    );
    return { id, key };
  }

  async passkey(userId: string): Promise<string> {
    const id = newId();
    await this.pool.query(
      `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name, device_type, backed_up)
       VALUES ($1, $2, $3, '', 0, '{}', 'Phone', 'singleDevice', false)`,
      [id, userId, id],
    );
    return id;
  }

  async identity(userId: string): Promise<string> {
    const id = newId();
    await this.pool.query(
      `INSERT INTO identities (id, user_id, provider, issuer, subject) VALUES ($1, $2, 'google', 'https://issuer.example', $3)`,
      [id, userId, id],
    );
    return id;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
