import { createdApiKey, mfaRequired, session, totpEnrollment, type Session } from '#libs/contracts';
import { resultOf, eventually } from '#libs/testing';
import { join } from 'node:path';
import speakeasy from 'speakeasy';
import { readDotenv } from '#libs/command';
import { staff } from '../../apps/auth/src/commands';
import { suite, suiteFolder } from './suite';

/** Runs the command like an operator on the server. */
async function staffCommand(...args: string[]): Promise<string> {
  const { FIELD_ENCRYPTION_KEY = '' } = readDotenv(join(suiteFolder, 'secrets.env'));
  const DATABASE_URL = process.env['TEST_DATABASE_URL_AUTH'] ?? '';
  return (await resultOf(staff, args, { DATABASE_URL, FIELD_ENCRYPTION_KEY })).output;
}

/** A user who was made an admin and then signed in with an authenticator app. */
async function anAdmin(): Promise<{ email: string; session: Session }> {
  const member = await suite.aMember();
  const token = member.session.accessToken;
  const { secret } = totpEnrollment.parse((await suite.call('POST', '/users/me/mfa/totp', { token, body: {} })).body);
  const enrolledAt = Date.now() / 1_000;
  const codeAfter = (steps: number) =>
    speakeasy.totp({ secret, encoding: 'base32', time: Math.floor(enrolledAt + steps * 30) });
  await suite.call('POST', '/users/me/mfa/totp/confirm', { token, body: { code: codeAfter(0) } });
  expect(await staffCommand('grant', member.email, '--role', 'admin')).toContain('now has the role admin');
  await suite.untilRefusedEverywhere(token);
  const { email, password } = member;
  const first = await suite.call('POST', '/auth/login', { body: { email, password } });
  const { mfaToken } = mfaRequired.parse(first.body);
  const second = await suite.call('POST', '/auth/mfa', { body: { mfaToken, code: codeAfter(1) } });
  return { email, session: session.parse(second.body) };
}

let admin: Awaited<ReturnType<typeof anAdmin>>;
beforeAll(async () => {
  admin = await anAdmin();
});

const asAdmin = (method: string, path: string, body?: object) =>
  suite.call(method, `/admin${path}`, { token: admin.session.accessToken, ...(body === undefined ? {} : { body }) });

/** The outcomes of twenty requests, which the two replicas share. */
const codesWith = async (token: string) =>
  new Set(
    (await Promise.all(Array.from({ length: 20 }, () => suite.call('GET', '/users/me', { token })))).map(
      ({ status, body }) => (status === 200 ? 'ok' : Object(body).code),
    ),
  );

it('refuses a suspended user everywhere, with session and API key, and admits them again when reinstated', async () => {
  const { email, password, session: own } = await suite.aMember();
  const created = await suite.call('POST', '/users/me/api-keys', {
    token: own.accessToken,
    body: { name: 'CI', scopes: ['profile:read'] },
  });
  const { key } = createdApiKey.parse(created.body);
  expect(await codesWith(key)).toEqual(new Set(['ok']));
  expect((await asAdmin('GET', `/users?query=${email}`)).body).toMatchObject({ data: [{ id: own.user.id, email }] });

  expect((await asAdmin('POST', `/users/${own.user.id}/suspend`, { reason: 'Sends spam' })).status).toBe(200);
  await Promise.all([
    suite.untilRefusedEverywhere(own.accessToken),
    eventually(async () => [...(await codesWith(key))].join() === 'account_suspended', {
      timeoutMs: 20_000,
      describe: 'the API key to be refused by every replica',
    }),
  ]);
  const { refreshToken } = own;
  expect((await suite.call('POST', '/auth/refresh', { body: { refreshToken } })).body).toMatchObject({
    code: 'account_suspended',
  });
  const login = () => suite.call('POST', '/auth/login', { body: { email, password } });
  expect(await login()).toMatchObject({ status: 403, body: { code: 'account_suspended' } });
  await suite.mailTo(email, /account was suspended/);

  expect((await asAdmin('POST', `/users/${own.user.id}/reinstate`)).status).toBe(200);
  expect((await login()).status).toBe(200);
});

it('lets an admin impersonate a user, who gets an email, read only, and end it', async () => {
  const member = await suite.aMember();
  const { id } = member.session.user;
  const begun = await asAdmin('POST', `/users/${id}/impersonate`, { reason: 'Ticket 4711' });
  const token = session.parse(begun.body).accessToken;
  const me = () => suite.call('GET', '/users/me', { token });
  expect((await me()).body).toMatchObject({ id, impersonatedBy: { userId: admin.session.user.id, readOnly: true } });
  for (const [method, path] of [
    ['PATCH', '/users/me'],
    ['POST', '/users/me/api-keys'],
    ['POST', '/organizations'],
  ] as const) {
    expect(await suite.call(method, path, { token, body: { name: 'X' } })).toMatchObject({
      status: 403,
      body: { code: 'impersonation_read_only' },
    });
  }
  expect((await suite.call('GET', '/admin/users', { token })).status).toBe(403);
  expect((await suite.mailTo(member.email, /staff accessed your account/)).text).toContain('Ticket 4711');
  expect((await suite.call('POST', '/auth/logout', { token })).status).toBe(204);
  await suite.untilRefusedEverywhere(token);
  expect(await codesWith(member.session.accessToken)).toEqual(new Set(['ok']));
});

it('signs out staff everywhere when they lose the role, including their impersonations', async () => {
  const [former, member] = [await anAdmin(), await suite.aMember()];
  const { accessToken } = former.session;
  const path = `/admin/users/${member.session.user.id}/impersonate`;
  const acting = session.parse(
    (await suite.call('POST', path, { token: accessToken, body: { reason: 'Ticket' } })).body,
  );
  await staffCommand('revoke', former.email);
  await Promise.all([suite.untilRefusedEverywhere(accessToken), suite.untilRefusedEverywhere(acting.accessToken)]);
  await suite.mailTo(former.email, /no longer a staff member/);
});
