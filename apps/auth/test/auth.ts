import type { Environment } from '#libs/config';
import {
  login,
  mailRequested,
  session,
  type Mail,
  type RequestContext,
  type Session,
  type SessionActor,
} from '#libs/contracts';
import { newId, queryRows } from '#libs/database';
import { Fernet, PasswordHasher } from '#libs/encryption';
import { RpcClient } from '#libs/rpc';
import { createApplication } from '#libs/service';
import { cleanupOnce, eventually, testDatabase, testRedis, type TestDatabase, type TestRedis } from '#libs/testing';
import { Logger, type INestApplication } from '@nestjs/common';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { auth } from '../src/auth.module';
import { AuthConfig } from '../src/config';
import { migrations } from '../src/database';
import { EmailChangeHandler } from '../src/sign-in/email-change/email-change.handler';
import { SessionRecord } from '../src/session/session/sessions.table';
import { SessionService } from '../src/session/session/session.service';
import { User } from '../src/account/user/users.table';

Logger.overrideLogger(false);

export const publicUrl = 'https://app.acme.test';
export const password = 'a very good password';

/** Real hashes took a fifth of the CPU time of auth's tests. test/e2e/sign-up.spec.ts checks the real parameters. */
const quick = { memoryKiB: 64, iterations: 1 };
/** The prefix of every hash that auth creates in tests. */
export const ownParameters = '$argon2id$v=19$m=64,t=1,p=1$';

/** Auth with its own database and Redis, called like other services call it. It stops after the file's tests. */
export interface TestAuth {
  readonly application: INestApplication;
  readonly rpc: RpcClient;
  readonly dataSource: DataSource;
  readonly hasher: PasswordHasher;
  readonly emailChange: EmailChangeHandler;
  readonly queries: QueryCounter;
  /** Runs as the database's superuser, for what the service's role cannot do. */
  asSuperuser(sql: string): Promise<void>;
  aUser(changes?: Partial<User>): Promise<User>;
  aSession(user: User): Promise<Session>;
  /** The emails that auth requested for this address, oldest first. */
  mailsTo(email: string): Promise<Mail[]>;
  /** Waits for the newest email with this template and returns its token. */
  mailedToken(email: string, template: Mail['template']): Promise<string>;
  /** Signs in with the password of `aUser`. */
  signIn(user: Pick<User, 'email'>, client?: RequestContext['client']): Promise<Session>;
}

const statement = z.union([z.string(), z.object({ text: z.string() }).transform(({ text }) => text)]);

/** Counts the statements of the service while `run` runs, without background work, BEGIN and COMMIT. */
export class QueryCounter {
  async during(run: () => Promise<unknown>): Promise<string[]> {
    const spy = jest.spyOn(Client.prototype, 'query');
    const { calls, contexts } = spy.mock;
    // Otherwise it would remember every statement of the file.
    await run().finally(() => spy.mockRestore());
    const texts = calls.map(([query]: unknown[]) => statement.safeParse(query).data);
    return texts.flatMap((text, i) => {
      if (text === undefined || !isOurs(text)) return [];
      const next = texts.find((_, later) => later > i && contexts[later] === contexts[i]);
      return looksEverywhere.test(text) && (next === undefined || !isOurs(next)) ? [] : [text];
    });
  }
}

/** Statements before or after one of background work on the same connection belong to background work too. */
const looksEverywhere = /app\.platform/;

function isOurs(query: string): boolean {
  const isBackground =
    /outbox_deliveries|inbox|signing_keys|pg_advisory|SKIP LOCKED|^\s*(DELETE|START TRANSACTION|BEGIN|COMMIT|ROLLBACK|LISTEN)/.test(
      query,
    );
  return !isBackground || query.includes('INSERT INTO outbox ');
}

export interface Servers {
  readonly redis: TestRedis;
  readonly database: TestDatabase;
  /** The folder of uploaded pictures. */
  readonly objects: string;
}

export async function startServers(): Promise<Servers> {
  const [redis, database] = await Promise.all([testRedis(), testDatabase('auth', migrations)]);
  const objects = mkdtempSync(join(tmpdir(), 'groundwork-objects-'));
  cleanupOnce(async () => rmSync(objects, { recursive: true, force: true }));
  return { redis, database, objects };
}

export function configFor({ redis, database, objects }: Servers, variables: Environment = {}): AuthConfig {
  return AuthConfig.of({
    NODE_ENV: 'test',
    DATABASE_URL: database.serviceUrl,
    REDIS_URL: redis.url,
    PUBLIC_URL: publicUrl,
    FIELD_ENCRYPTION_KEY: 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=',
    OBJECT_DIRECTORY: objects,
    ...variables,
  });
}

/**
 * @param servers of another auth, to start a replica of it
 * @param variables environment variables that tests add or replace
 */
export async function startAuth(servers?: Servers, variables: Environment = {}): Promise<TestAuth> {
  const on = servers ?? (await startServers());
  const config = configFor(on, variables);
  const hasher = new PasswordHasher(quick);
  const application = await createApplication(
    { name: 'auth', environment: AuthConfig },
    { config, modules: auth(hasher), options: { logger: false } },
  );
  cleanupOnce(() => application.close());
  await application.init();
  await application.startAllMicroservices();
  const dataSource = application.get(DataSource);
  // One hash for all users, because hashing is the expensive part of creating a user.
  let passwordHash: string | undefined;
  const sessions = application.get(SessionService, { strict: false });
  const mailsTo = (email: string) => mailsIn(dataSource, application.get(Fernet), email);
  const queries = new QueryCounter();
  const rpc = application.get(RpcClient, { strict: false });
  return {
    application,
    rpc,
    dataSource,
    hasher,
    emailChange: application.get(EmailChangeHandler, { strict: false }),
    queries,
    asSuperuser: (sql) => runAs(on.database.url, sql),
    aUser: async (changes = {}) => {
      const id = newId();
      passwordHash ??= await hasher.hash(password);
      const person = { email: `${id}@example.com`, name: 'Ada', locale: 'en' as const, emailVerifiedAt: new Date() };
      await dataSource.manager.insert(User, { id, passwordHash, ...person, ...changes });
      await dataSource.manager.insert(SessionRecord, { id, userId: id, ...openSession() });
      return dataSource.manager.findOneByOrFail(User, { id });
    },
    signIn: async (user, client = null) =>
      session.parse(await rpc.call(login, { email: user.email, password }, { context: contextOf({ client }) })),
    mailsTo,
    mailedToken: (email, template) =>
      eventually(async () => tokenIn((await mailsTo(email)).findLast((mail) => mail.template === template)), {
        timeoutMs: 60_000,
        describe: `a mail ${template} to ${email}`,
      }),
    aSession: (user) =>
      dataSource.transaction((manager) =>
        sessions.start(manager, user, { method: 'password', client: null, isNewDevice: false }),
      ),
  };
}

async function runAs(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Does not appear in lists, because it has no refresh token. */
function openSession() {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 86_400_000);
  return { epoch: 0, ip: 'none', userAgent: 'none', authenticatedAt: now, lastSeenAt: now, expiresAt };
}

async function mailsIn(dataSource: DataSource, fernet: Fernet, email: string): Promise<Mail[]> {
  const rows = await queryRows(
    dataSource.manager,
    "SELECT payload FROM outbox WHERE event = 'mail.requested' ORDER BY id",
    [],
    z.object({ payload: z.string() }),
  );
  return rows
    .map(({ payload }) => mailRequested.payload.parse(JSON.parse(fernet.decrypt(payload))))
    .flatMap(({ to, mail }) => (to === email ? [mail] : []));
}

function tokenIn(mail: Mail | undefined): string | undefined {
  return mail !== undefined && 'url' in mail ? mail.url.split('#token=')[1] : undefined;
}

export function contextOf(changes: Partial<RequestContext> = {}): RequestContext {
  return { requestId: newId(), traceparent: null, actor: null, locale: 'en', client: null, ...changes };
}

/**
 * The actor of a user who has just signed in, by default in the open session that `aUser` creates with the user's
 * id.
 */
export function actorOf(user: User, sessionId = user.id): SessionActor {
  const authenticatedAt = Math.floor(Date.now() / 1_000);
  return { kind: 'session', userId: user.id, sessionId, authenticatedAt, organizationId: null, roles: [] };
}

/** Waits until auth has handled all of its own events. */
export async function untilHandled(auth: TestAuth): Promise<void> {
  // The acknowledgement is stored with the effect, and the producer reads it once a second.
  const open = `SELECT 1 FROM outbox_deliveries
                WHERE subscriber = 'auth' AND acknowledged_at IS NULL AND event_id NOT IN (SELECT event_id FROM inbox)`;
  await eventually(async () => (await auth.dataSource.query<unknown[]>(open)).length === 0, {
    timeoutMs: 60_000,
    describe: 'auth to act upon its own events',
  });
}
