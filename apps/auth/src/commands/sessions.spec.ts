import { randomBytes } from 'node:crypto';
import { createDataSource, newId } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { resultOf, resultOfProgram, eventually, testDatabase } from '#libs/testing';
import type { DataSource } from 'typeorm';
import { migrations } from '../database';
import { AllSessions } from '../session/session/revoke-all';
import { sessions as command } from './sessions';

const key = `${randomBytes(32).toString('base64url')}=`;

let url: string;
let source: DataSource;
beforeAll(async () => {
  ({ url } = await testDatabase('auth', migrations));
  source = await createDataSource({ url, service: 'auth', poolSize: 4, entities: [] }).initialize();
});
afterAll(() => source.destroy());
beforeEach(() => source.query('TRUNCATE users, outbox CASCADE'));

const sessions = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  resultOf(command, args, { DATABASE_URL: url, FIELD_ENCRYPTION_KEY: key, ...env });
const revokeAll = (...more: string[]) => sessions(['revoke-all', '--reason', 'A laptop was stolen', ...more]);

async function aUser(): Promise<string> {
  const id = newId();
  await source.query("INSERT INTO users (id, email, name, locale) VALUES ($1, $2, 'Ada', 'en')", [
    id,
    `${id}@example.com`,
  ]);
  return id;
}

interface SessionFacts {
  readonly seenMinutesAgo?: number;
  readonly impersonator?: string;
}

async function aSession(userId: string, { seenMinutesAgo = 0, impersonator }: SessionFacts = {}): Promise<string> {
  const id = newId();
  await source.query(
    `INSERT INTO sessions (id, user_id, ip, user_agent, expires_at, last_seen_at, impersonator_id)
     VALUES ($1, $2, 'none', '', now() + interval '1 day', now() - make_interval(mins => $3), $4)`,
    [id, userId, seenMinutesAgo, impersonator],
  );
  return id;
}

const openOnes = async (): Promise<string[]> =>
  (await source.query('SELECT id FROM sessions WHERE ended_at IS NULL')).map(({ id }: { id: string }) => id);
const announced = async (): Promise<string[]> =>
  (
    await source.query(
      "SELECT jsonb_array_elements_text(payload::jsonb->'sessionIds') AS id FROM outbox WHERE event = 'session.many_revoked'",
    )
  )
    .map(({ id }: { id: string }) => id)
    .toSorted();
const securityLog = (userId: string): Promise<{ type: string }[]> =>
  source.query('SELECT type FROM security_events WHERE user_id = $1', [userId]);

it('ends every open session, announces those whose access tokens may still work, and adds one entry to each security log', async () => {
  const [ada, grace] = [await aUser(), await aUser()];
  const inUse = [await aSession(ada), await aSession(grace, { seenMinutesAgo: 9 })];
  const acting = await aSession(grace, { impersonator: ada });
  await aSession(ada, { seenMinutesAgo: 300 });
  expect(await revokeAll('--yes')).toEqual({
    code: 0,
    output: 'Revoked 4 sessions of 2 users. The reason is in the audit log.\n',
  });
  expect(await openOnes()).toEqual([]);
  expect(await announced()).toEqual([...inUse, acting].toSorted());
  for (const user of [ada, grace]) expect(await securityLog(user)).toEqual([{ type: 'signed_out_by_staff' }]);
  expect(await source.query("SELECT 1 FROM outbox WHERE event = 'mail.requested'")).toEqual([]);
});

it('records the reason and the counts in the platform’s audit log, as the system', async () => {
  await aSession(await aUser());
  await revokeAll('--yes');
  const sql = `SELECT act, actor_kind, organization_id, target_id, after FROM audit_entries
    WHERE act = 'session.all_revoked' ORDER BY sequence DESC LIMIT 1`;
  const after = { reason: 'A laptop was stolen', sessions: 1, users: 1 };
  expect(await source.query(sql)).toEqual([
    { act: 'session.all_revoked', actor_kind: 'system', organization_id: null, target_id: 'all', after },
  ]);
});

it('only prints what it would end without --yes, and needs no key', async () => {
  const id = await aSession(await aUser());
  const before = await source.query('SELECT count(*) FROM audit_entries');
  const { code, output } = await sessions(['revoke-all', '--reason', 'Trying'], { FIELD_ENCRYPTION_KEY: '' });
  expect({ code, output }).toEqual({
    code: 0,
    output: 'This would revoke 1 session of 1 user. Nothing was changed. To revoke them, add --yes.\n',
  });
  expect([await openOnes(), await announced()]).toEqual([[id], []]);
  expect(await source.query('SELECT count(*) FROM audit_entries')).toEqual(before);
});

it('ends sessions in batches, those in use first, and ends nothing twice', async () => {
  const users = await Promise.all(Array.from({ length: 7 }, aUser));
  for (const [index, user] of users.entries()) await aSession(user, { seenMinutesAgo: index < 4 ? 300 : 0 });
  const all = new AllSessions(source, new Outbox(new Fernet(parseFieldEncryptionKeys(key))), 2);
  expect(await all.revoke('A test')).toEqual({ sessions: 7, users: 7 });
  const ends = await source.query<{ inUse: boolean }[]>(
    `SELECT bool_and(last_seen_at > now() - interval '1 hour') AS "inUse" FROM sessions GROUP BY ended_at ORDER BY ended_at`,
  );
  expect(ends.map(({ inUse }) => inUse)).toEqual([true, true, false, false]);
  expect(await all.revoke('A test')).toEqual({ sessions: 0, users: 0 });
  expect(await announced()).toHaveLength(3);
});

const waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

it('waits for a sign-in that is storing its session, and ends that one too', async () => {
  const user = await aUser();
  await aSession(user);
  const signIn = source.createQueryRunner();
  await signIn.startTransaction();
  await signIn.query('SELECT id FROM users WHERE id = $1 AND session_epoch = 0 FOR SHARE', [user]);
  await signIn.query(
    `INSERT INTO sessions (id, user_id, ip, user_agent, expires_at) VALUES ($1, $2, '', '', now() + interval '1 day')`,
    [newId(), user],
  );
  const revoked = revokeAll('--yes');
  await eventually(async () => (await source.query(waiting)).length === 1);
  await signIn.commitTransaction();
  await signIn.release();
  expect((await revoked).output).toContain('Revoked 2 sessions of 1 user.');
  expect(await openOnes()).toEqual([]);
  expect(await source.query('SELECT session_epoch FROM users')).toEqual([{ session_epoch: 1 }]);
});

it('retries a batch that PostgreSQL cancels because of a deadlock', async () => {
  // On a busy machine, PostgreSQL can cancel our side instead, and the command has met no deadlock.
  let cancelled: 'command' | 'test' = 'test';
  for (let attempt = 0; attempt < 5 && cancelled === 'test'; attempt++) {
    const users = (await Promise.all([aUser(), aUser()])).toSorted();
    for (const user of users) await aSession(user);
    const other = source.createQueryRunner();
    await other.startTransaction();
    await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [users[1]]);
    const revoked = revokeAll('--yes');
    await eventually(async () => (await source.query(waiting)).length === 1);
    cancelled = await other.query('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [users[0]]).then(
      () => 'command',
      () => 'test',
    );
    await other.rollbackTransaction();
    await other.release();
    expect(await revoked).toMatchObject({ code: 0, output: expect.stringContaining('Revoked 2 sessions of 2 users.') });
    await source.query('DELETE FROM users');
  }
  expect(cancelled).toBe('command');
});

it.each([
  ['a missing reason', ['revoke-all', '--yes'], {}, /Give a reason for the audit log/],
  ['a reason of spaces', ['revoke-all', '--reason', '  '], {}, /Give a reason for the audit log/],
  ['a reason that is too long', ['revoke-all', '--reason', 'x'.repeat(501)], {}, /longer than 500 characters/],
  ['an unknown command', ['revoke', '--reason', 'x'], {}, /Invalid arguments: revoke/],
  [
    'an email address, which it does not take',
    ['revoke-all', 'ada@example.com', '--reason', 'x'],
    {},
    /Invalid arguments/,
  ],
  ['a missing key', ['revoke-all', '--reason', 'x', '--yes'], { FIELD_ENCRYPTION_KEY: '' }, /FIELD_ENCRYPTION_KEY/],
  ['a missing database', ['revoke-all', '--reason', 'x'], { DATABASE_URL: '' }, /DATABASE_URL_AUTH is not set/],
])('says what is wrong with %s', async (_what, args, env: Readonly<Record<string, string>>, expected) => {
  expect(await sessions(args, env)).toMatchObject({ code: 2, output: expect.stringMatching(expected) });
});

it('explains itself with --help', async () => {
  expect(await resultOfProgram('sessions', ['--help'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Examples'),
  });
});
