import { session, type Session } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { z } from 'zod';

export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface CallOptions {
  /** A string is sent unchanged. */
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

export interface NewUser {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

const receivedMail = z.object({
  id: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  to: z.array(z.object({ address: z.string() })),
  headers: z.record(z.string(), z.unknown()),
});
export type ReceivedMail = z.output<typeof receivedMail>;

/** Creates a user who has never signed up before. */
export function newUser(overrides: Partial<NewUser> = {}): NewUser {
  const email = `ada.${randomUUID().slice(0, 13)}@example.com`;
  return { email, password: `correct horse ${randomUUID()}`, name: 'Ada Lovelace', ...overrides };
}

/** Returns the token in the fragment of an email's link. */
export function tokenIn({ text }: ReceivedMail): string {
  const token = /#token=(\S+)/.exec(text)?.[1];
  if (token === undefined) throw new Error('The mail has no link with a token.');
  return token;
}

/** Uses a running suite like its clients: over HTTP and by reading emails. */
export class SuiteClient {
  constructor(
    private readonly urls: { readonly api: string; readonly mail: string; readonly authDatabase: string },
    /** Sent with each call. */
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  /** Such as `call('POST', '/auth/login', { body })`. `path` is relative to `/api/v1` unless it is a full URL. */
  async call(method: string, path: string, { body, token, headers = {} }: CallOptions = {}): Promise<ApiResponse> {
    const response = await fetch(path.startsWith('http') ? path : `${this.urls.api}/api/v1${path}`, {
      method,
      headers: {
        ...this.headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  register({ email, password, name }: NewUser): Promise<ApiResponse> {
    return this.call('POST', '/auth/register', { body: { email, password, name } });
  }

  verify(token: string): Promise<ApiResponse> {
    return this.call('POST', '/auth/verify-email', { body: { token } });
  }

  /** Signs up and verifies the email address. `session` is the session of the verification. */
  async aMember(overrides: Partial<NewUser> = {}): Promise<NewUser & { session: Session }> {
    const user = newUser(overrides);
    await this.register(user);
    const { body } = await this.verify(tokenIn(await this.mailTo(user.email, /Confirm/)));
    return { ...user, session: session.parse(body) };
  }

  async signIn({ email, password }: Pick<NewUser, 'email' | 'password'>): Promise<Session> {
    return session.parse((await this.call('POST', '/auth/login', { body: { email, password } })).body);
  }

  /** The two replicas share the requests, so twenty refusals in a row mean that both refuse. */
  async untilRefusedEverywhere(token: string): Promise<void> {
    await eventually(
      async () => {
        const responses = await Promise.all(Array.from({ length: 20 }, () => this.call('GET', '/users/me', { token })));
        return responses.every(({ status }) => status === 401);
      },
      { timeoutMs: 5_000, describe: 'the access token to be refused by every replica' },
    );
  }

  async mailsTo(address: string): Promise<ReceivedMail[]> {
    const response = await fetch(`${this.urls.mail}/api/email`, { signal: AbortSignal.timeout(10_000) });
    const mails = z.array(receivedMail).parse(await response.json());
    return mails.filter(({ to }) => to.some((recipient) => recipient.address === address));
  }

  /** Waits for the email with this subject. */
  mailTo(address: string, subject: RegExp): Promise<ReceivedMail> {
    return eventually(async () => (await this.mailsTo(address)).find((mail) => subject.test(mail.subject)), {
      timeoutMs: 60_000,
      describe: `a mail to ${address} with the subject ${subject}`,
    });
  }

  /** Runs SQL on auth's database, to move time, which no API can do. Returns the number of rows. */
  async inAuthDatabase(sql: string, parameters: unknown[]): Promise<number> {
    const client = new Client({ connectionString: this.urls.authDatabase });
    await client.connect();
    try {
      return (await client.query(sql, parameters)).rowCount ?? 0;
    } finally {
      await client.end();
    }
  }
}
