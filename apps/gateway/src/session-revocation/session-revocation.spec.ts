import { sessionRevoked, sessionsRevoked } from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { eventually, testDatabase } from '#libs/testing';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { bearer, configFor, startGateway, type TestGateway } from '../../test/gateway';
import { RevokedSessions, revocationChannel } from './revoked-sessions';
import { SessionRevocationHandler } from './session-revocation.handler';

let gateway: TestGateway;
let replica: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
  replica = await gateway.replica();
});

const context = { requestId: 'of-the-logout', traceparent: null, actor: null, locale: 'en', client: null };
const inTenMinutes = () => new Date(Date.now() + 600_000).toISOString();

/** Works like the job worker when the event arrives: in a transaction of the gateway's database. */
async function revoke(sessionId: string, accessTokensExpireAt = inTenMinutes(), at = gateway): Promise<void> {
  const handler = at.application.get(SessionRevocationHandler);
  await at.application
    .get(DataSource)
    .transaction((manager) =>
      handler.record({ sessionId, accessTokensExpireAt }, { manager, eventId: randomUUID(), context }),
    );
}

const profile = async (sessionId: string, on = gateway) =>
  on.ask({ method: 'GET', url: '/api/v1/users/me', headers: bearer(await gateway.tokens.sign({ sid: sessionId })) });

async function sql(text: string, database = gateway.database.url): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('a revoked session', () => {
  it('is refused by every replica within a second, although its token was valid before', async () => {
    const session = randomUUID();
    expect((await profile(session)).status).toBe(200);
    expect((await profile(session, replica)).status).toBe(200);
    await revoke(session);
    const refusedBy = (on: TestGateway) =>
      eventually(async () => (await profile(session, on)).status === 401, { timeoutMs: 1_000 });
    await Promise.all([refusedBy(gateway), refusedBy(replica)]);
  });

  it('is refused within a second after the outbox announced it, through the relay and a job', async () => {
    const session = randomUUID();
    expect((await profile(session, replica)).status).toBe(200);
    const outbox = gateway.application.get(Outbox, { strict: false });
    const payload = { sessionId: session, accessTokensExpireAt: inTenMinutes() };
    await gateway.application.get(DataSource).transaction((manager) => outbox.add(manager, sessionRevoked, payload));
    const refusedBy = (on: TestGateway) =>
      eventually(async () => (await profile(session, on)).status === 401, { timeoutMs: 1_000 });
    await Promise.all([refusedBy(gateway), refusedBy(replica)]);
  });

  it('is refused within a second after one event announced a thousand sessions', async () => {
    const sessionIds = Array.from({ length: 1_000 }, () => randomUUID());
    const [first = '', last = ''] = [sessionIds.at(0), sessionIds.at(-1)];
    expect((await profile(last, replica)).status).toBe(200);
    const outbox = gateway.application.get(Outbox, { strict: false });
    const payload = { sessionIds, accessTokensExpireAt: inTenMinutes() };
    await gateway.application.get(DataSource).transaction((manager) => outbox.add(manager, sessionsRevoked, payload));
    const refusedBy = (on: TestGateway, session: string) =>
      eventually(async () => (await profile(session, on)).status === 401, { timeoutMs: 1_000 });
    await Promise.all([refusedBy(gateway, first), refusedBy(replica, last), refusedBy(replica, first)]);
  });

  it('is refused even if the notification was lost', async () => {
    const session = randomUUID();
    await sql(
      `INSERT INTO revoked_sessions (session_id, access_tokens_expire_at) VALUES ('${session}', '${inTenMinutes()}')`,
    );
    await eventually(async () => (await profile(session, replica)).status === 401, { timeoutMs: 1_000 });
  });

  it('is refused by a new replica from its first request', async () => {
    const session = randomUUID();
    await revoke(session);
    const young = await gateway.replica();
    const { status } = await profile(session, young);
    await young.stop();
    expect(status).toBe(401);
  });

  it('does not affect the user’s other sessions', async () => {
    await revoke(randomUUID());
    expect((await profile(randomUUID())).status).toBe(200);
  });

  it('can be announced twice and out of order', async () => {
    const session = randomUUID();
    await revoke(session);
    await revoke(session, new Date(Date.now() + 1_000).toISOString());
    const [row] = await sql(
      `SELECT access_tokens_expire_at > now() + interval '9 minutes' AS long FROM revoked_sessions WHERE session_id = '${session}'`,
    );
    expect(row).toEqual({ long: true });
  });
});

describe('a replica', () => {
  it('listens again after it loses its connection', async () => {
    await sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'groundwork gateway revoked sessions' AND datname = current_database()",
    );
    const session = randomUUID();
    await revoke(session);
    await eventually(async () => (await profile(session)).status === 401, { timeoutMs: 2_000 });
  });

  it('refuses all tokens after two seconds without news, and recovers by itself', async () => {
    const cut = await startGateway();
    const read = (on: TestGateway) => on.ask({ method: 'GET', url: '/api/v1/users/me', headers });
    const headers = bearer(await cut.tokens.sign());
    expect((await read(cut)).status).toBe(200);
    const server = await testDatabase();
    await sql(`ALTER DATABASE ${cut.database.name} ALLOW_CONNECTIONS false`, server.url);
    await sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${cut.database.name}'`,
      server.url,
    );
    const blind = await eventually(async () => {
      const response = await read(cut);
      return response.status === 503 && response;
    });
    expect(blind).toMatchObject({ json: { code: 'service_unavailable' }, headers: { 'retry-after': '1' } });
    await sql(`ALTER DATABASE ${cut.database.name} ALLOW_CONNECTIONS true`, server.url);
    await eventually(async () => (await read(cut)).status === 200);
    await cut.stop();
  });
});

it('transaction pooling: listens on DATABASE_DIRECT_URL, and on nothing else', async () => {
  const config = configFor('redis://127.0.0.1', 'postgres://pooler/gateway', {
    DATABASE_DIRECT_URL: `${gateway.database.serviceUrl}?application_name=direct`,
  });
  const sessions = new RevokedSessions(config);
  await sessions.onApplicationBootstrap();
  try {
    const listening = "SELECT query FROM pg_stat_activity WHERE application_name = 'direct'";
    expect(await sql(listening)).toHaveLength(1);
    const session = randomUUID();
    await sql(`NOTIFY ${revocationChannel}, '${session} ${inTenMinutes()}'`);
    await eventually(async () => sessions.has(session));
  } finally {
    sessions.onApplicationShutdown();
  }
});
