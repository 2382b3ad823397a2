import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { session, type Session } from '#libs/contracts';
import { Client } from 'pg';
import { z } from 'zod';
import type { Target } from './target';

const mailTimeoutMs = 15_000;

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** A user with a verified email address, created over HTTP like any other. */
export class Account {
  private readonly email = `bench.${randomUUID()}@example.com`;
  private readonly password = `correct horse ${randomUUID()}`;

  private readonly made: Credentials[] = [];

  private constructor(private readonly target: Target) {}

  static async create(target: Target): Promise<Account> {
    const account = new Account(target);
    await account.post('/auth/register', { ...account.credentials, name: 'Ada Lovelace' });
    await account.post('/auth/verify-email', { token: await account.mailedToken() });
    return account;
  }

  get credentials(): Credentials {
    return { email: this.email, password: this.password };
  }

  async signIn(credentials = this.credentials): Promise<Session> {
    return session.parse(await this.post('/auth/login', credentials));
  }

  /**
   * Accounts that have signed in from here before, the same ones each time, because a first sign-in sends an
   * email. Created in the database with the same password, because registering each would take minutes.
   */
  async twins(count: number): Promise<readonly Credentials[]> {
    if (this.made.length < count) {
      const fresh = await this.clones(count - this.made.length);
      for (const credentials of fresh) await this.signIn(credentials);
      this.made.push(...fresh);
    }
    return this.made.slice(0, count);
  }

  /** Accounts that have never signed in. */
  async clones(count: number): Promise<readonly Credentials[]> {
    const client = new Client({ connectionString: this.target.databaseUrl });
    await client.connect();
    try {
      const { rows } = await client.query(
        `INSERT INTO users (id, email, name, locale, password_hash, email_verified_at)
         SELECT gen_random_uuid(), gen_random_uuid() || '@example.com', name, locale, password_hash, now()
         FROM users, generate_series(1, $2) WHERE email = $1 RETURNING email`,
        [this.email, count],
      );
      const { password } = this;
      return z
        .array(z.object({ email: z.string() }))
        .parse(rows)
        .map(({ email }) => ({ email, password }));
    } finally {
      await client.end();
    }
  }

  /** Resolves when a sign-in succeeds again, after the queues of an overload have drained. */
  async untilServed(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      try {
        await this.signIn();
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(500);
      }
    }
  }

  private async post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(`${this.target.api}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text.slice(0, 1_000)}`);
    return JSON.parse(text);
  }

  private async mailedToken(): Promise<string> {
    const deadline = Date.now() + mailTimeoutMs;
    while (Date.now() < deadline) {
      const response = await fetch(`${this.target.mail}/api/email`, { signal: AbortSignal.timeout(mailTimeoutMs) });
      const mails = z.array(receivedMail).parse(await response.json());
      const mine = mails.find(({ to }) => to.some(({ address }) => address === this.email));
      const token = /#token=(\S+)/.exec(mine?.text ?? '')?.[1];
      if (token !== undefined) return token;
      await delay(100);
    }
    throw new Error(`No mail came to ${this.email} within ${mailTimeoutMs / 1_000} s.`);
  }
}

const receivedMail = z.object({ text: z.string(), to: z.array(z.object({ address: z.string() })) });
