import { session, type Session } from '#libs/contracts';
import { eventually } from '#libs/testing';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { z } from 'zod';

/** The suite that the end-to-end tests share; `test/global-setup.ts` starts it. */
const suite = z
  .object({ TEST_API_URL: z.url(), TEST_MAIL_URL: z.url(), TEST_DATABASE_URL_AUTH: z.string() })
  .parse(process.env);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** `call('POST', '/auth/login', { body })` against the suite; `path` is below `/api/v1` unless it is a whole address. */
export async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { body, token, headers = {} } = options;
  const response = await fetch(path.startsWith('http') ? path : `${apiUrl}/api/v1${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  const json = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: json && text !== '' ? JSON.parse(text) : text };
}

export const apiUrl = suite.TEST_API_URL;

export interface Person {
  readonly email: string;
  readonly password: string;
  readonly name: string;
}

/** A person nobody has seen before. */
export function aPerson(overrides: Partial<Person> = {}): Person {
  const id = randomUUID().slice(0, 13);
  return { email: `ada.${id}@example.com`, password: `correct horse ${id}`, name: 'Ada Lovelace', ...overrides };
}

export function register(person: Person): Promise<Answer> {
  return call('POST', '/auth/register', { body: person });
}

/** Registered and verified by the mailed link; the answer is the session that verifying gives. */
export async function aMember(overrides: Partial<Person> = {}): Promise<Person & { session: Session }> {
  const person = aPerson(overrides);
  await register(person);
  const token = tokenIn(await mailTo(person.email, /Confirm/));
  const { body } = await call('POST', '/auth/verify-email', { body: { token } });
  return { ...person, session: session.parse(body) };
}

export async function signIn({ email, password }: Person): Promise<Session> {
  return session.parse((await call('POST', '/auth/login', { body: { email, password } })).body);
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

export async function mailsTo(address: string): Promise<ReceivedMail[]> {
  const response = await fetch(`${suite.TEST_MAIL_URL}/api/email`, { signal: AbortSignal.timeout(10_000) });
  const mails = z.array(receivedMail).parse(await response.json());
  return mails.filter(({ to }) => to.some((recipient) => recipient.address === address));
}

/** The mail with this subject, once it has arrived. */
export function mailTo(address: string, subject: RegExp): Promise<ReceivedMail> {
  return eventually(async () => (await mailsTo(address)).find((mail) => subject.test(mail.subject)), {
    timeoutMs: 15_000,
    describe: `a mail to ${address} with the subject ${subject}`,
  });
}

export function tokenIn({ text }: ReceivedMail): string {
  const token = /#token=(\S+)/.exec(text)?.[1];
  if (token === undefined) throw new Error('The mail has no link with a token.');
  return token;
}

/** Runs SQL as an administrator of auth's database: for moving time, which no API can. */
export async function inAuthDatabase(sql: string, parameters: unknown[]): Promise<number> {
  const client = new Client({ connectionString: suite.TEST_DATABASE_URL_AUTH });
  await client.connect();
  try {
    return (await client.query(sql, parameters)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}
