import { randomBytes } from 'node:crypto';
import { createDataSource, newId } from '#libs/database';
import { resultOf, resultOfProgram, testDatabase } from '#libs/testing';
import type { DataSource } from 'typeorm';
import { migrations } from '../database';
import { staff as command } from './staff';

const key = `${randomBytes(32).toString('base64url')}=`;

let url: string;
let source: DataSource;
beforeAll(async () => {
  ({ url } = await testDatabase('auth', migrations));
  source = await createDataSource({ url, service: 'auth', poolSize: 1, entities: [] }).initialize();
});
afterAll(() => source.destroy());

const staff = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  resultOf(command, args, { DATABASE_URL: url, FIELD_ENCRYPTION_KEY: key, ...env });

/** A user who is signed in. */
async function aPerson({ verified = true, suspended = false } = {}) {
  const [id, sessionId] = [newId(), newId()];
  const email = `${id}@example.com`;
  await source.query(
    `INSERT INTO users (id, email, name, locale, email_verified_at, suspended_at, suspension_reason)
     VALUES ($1, $2, 'Ada', 'en', CASE WHEN $3 THEN now() END, CASE WHEN $4 THEN now() END, CASE WHEN $4 THEN 'Spam' END)`,
    [id, email, verified, suspended],
  );
  await source.query(
    `INSERT INTO sessions (id, user_id, ip, user_agent, expires_at, second_factor)
     VALUES ($1, $2, 'none', '', now() + interval '1 day', true)`,
    [sessionId, id],
  );
  return { id, email, sessionId };
}

const roleOf = async (id: string): Promise<unknown> =>
  (await source.query('SELECT staff_role FROM users WHERE id = $1', [id]))[0].staff_role;
const isOpen = async (sessionId: string): Promise<boolean> =>
  (await source.query('SELECT ended_at IS NULL AS open FROM sessions WHERE id = $1', [sessionId]))[0].open;
const announced = async (sessionId: string): Promise<boolean> => {
  const sql = "SELECT 1 FROM outbox WHERE event = 'session.revoked' AND payload::jsonb->>'sessionId' = $1";
  return (await source.query(sql, [sessionId])).length === 1;
};
const securityLog = async (id: string): Promise<string[]> =>
  (await source.query('SELECT type FROM security_events WHERE user_id = $1 ORDER BY id', [id])).map(
    ({ type }: { type: string }) => type,
  );

it('grants a role, ends older sessions, emails the user, and says that a second factor is missing', async () => {
  const { id, email, sessionId } = await aPerson();
  const granted = await staff(['grant', email.toUpperCase(), '--role', 'support']);
  expect(granted).toMatchObject({ code: 0, output: expect.stringContaining(`${email} now has the role support`) });
  expect(granted.output).toContain('no second factor yet');
  expect([await roleOf(id), await isOpen(sessionId), await announced(sessionId)]).toEqual(['support', false, true]);
  expect(await securityLog(id)).toEqual(['staff_role_granted']);
  const mails = await source.query("SELECT payload FROM outbox WHERE event = 'mail.requested'");
  expect(mails).toHaveLength(1);
});

it('changes a role, and changes nothing if it is granted again', async () => {
  const { id, email } = await aPerson();
  await staff(['grant', email, '--role', 'support']);
  expect((await staff(['grant', email, '--role', 'admin'])).code).toBe(0);
  expect(await staff(['grant', email, '--role', 'admin'])).toMatchObject({
    code: 0,
    output: `${email} already has the role admin.\n`,
  });
  expect(await roleOf(id)).toBe('admin');
  expect(await securityLog(id)).toEqual(['staff_role_granted', 'staff_role_granted']);
});

it('revokes a role, ends and announces the user’s sessions and impersonations', async () => {
  const [{ id, email }, person] = [await aPerson(), await aPerson()];
  await staff(['grant', email, '--role', 'admin']);
  const [own, acting] = [newId(), newId()];
  await source.query(
    `INSERT INTO sessions (id, user_id, ip, user_agent, expires_at, epoch, impersonator_id)
     VALUES ($1, $2, '', '', now() + interval '1 hour', 1, NULL), ($3, $4, '', '', now() + interval '1 hour', 0, $2)`,
    [own, id, acting, person.id],
  );
  expect(await staff(['revoke', email])).toMatchObject({
    code: 0,
    output: expect.stringContaining('no longer has a staff role'),
  });
  expect(await roleOf(id)).toBeNull();
  for (const ended of [own, acting]) expect([await isOpen(ended), await announced(ended)]).toEqual([false, true]);
  expect(await isOpen(person.sessionId)).toBe(true);
  expect(await securityLog(id)).toEqual(['staff_role_granted', 'staff_role_revoked']);
});

it('records both in the platform’s audit log, as the system', async () => {
  const { id, email } = await aPerson();
  await staff(['grant', email, '--role', 'support']);
  await staff(['revoke', email]);
  const sql = 'SELECT act, actor_kind, before, after FROM audit_entries WHERE target_id = $1 ORDER BY sequence';
  expect(await source.query(sql, [id])).toEqual([
    { act: 'staff.granted', actor_kind: 'system', before: { role: null }, after: { role: 'support' } },
    { act: 'staff.revoked', actor_kind: 'system', before: { role: 'support' }, after: { role: null } },
  ]);
});

it('lists who has a role without the encryption key', async () => {
  const { email } = await aPerson();
  await staff(['grant', email, '--role', 'admin']);
  const { code, output } = await staff(['list'], { FIELD_ENCRYPTION_KEY: '' });
  expect(code).toBe(0);
  expect(output).toMatch(/^email +role +second factor +name\n/);
  expect(output).toMatch(new RegExp(`${email} +admin +no +Ada`));
});

it('refuses unknown, unverified and suspended accounts, and revoking a role that the user does not have', async () => {
  const [unverified, suspended, person] = [
    await aPerson({ verified: false }),
    await aPerson({ suspended: true }),
    await aPerson(),
  ];
  const refusals: [string[], RegExp][] = [
    [['grant', 'nobody@example.com', '--role', 'admin'], /No account has the email address nobody@example\.com/],
    [['grant', unverified.email, '--role', 'admin'], /email address is not verified/],
    [['grant', suspended.email, '--role', 'admin'], /is suspended/],
    [['revoke', person.email], /has no staff role/],
    [['revoke', 'nobody@example.com'], /No account has the email address/],
  ];
  for (const [args, expected] of refusals) {
    expect(await staff(args)).toMatchObject({ code: 1, output: expect.stringMatching(expected) });
  }
  for (const { id } of [unverified, suspended, person]) expect(await roleOf(id)).toBeNull();
});

it.each([
  ['an unknown command', ['promote', 'a@example.com'], {}, /Invalid arguments: promote/],
  ['a missing role', ['grant', 'a@example.com'], {}, /Choose a role: --role support or --role admin/],
  ['an unknown role', ['grant', 'a@example.com', '--role', 'root'], {}, /Choose a role/],
  ['an invalid email address', ['grant', 'ada', '--role', 'admin'], {}, /Not an email address: ada/],
  ['two email addresses', ['revoke', 'a@example.com', 'b@example.com'], {}, /Invalid arguments/],
  ['a missing key', ['revoke', 'a@example.com'], { FIELD_ENCRYPTION_KEY: '' }, /FIELD_ENCRYPTION_KEY is not set/],
  ['a missing database', ['list'], { DATABASE_URL: '' }, /DATABASE_URL_AUTH is not set/],
])('says what is wrong with %s', async (_what, args, env: Readonly<Record<string, string>>, expected) => {
  expect(await staff(args, env)).toMatchObject({ code: 2, output: expect.stringMatching(expected) });
});

it('explains itself with --help', async () => {
  expect(await resultOfProgram('staff', ['--help'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('Examples'),
  });
});
