import {
  changePassword,
  createApiKey,
  getProfile,
  impersonateUser,
  listSessions,
  login,
  logout,
  reauthenticate,
  refresh,
  requestEmailChange,
  beginTotp,
  beginPasskey,
  removeTotp,
  revokeOtherSessions,
  searchUsers,
  signUserOut,
  suspendUser,
  updateProfile,
  type Session,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { decodeJwt } from 'jose';
import { aClient, outcome, outcomes, securityLogOf, sessionIdOf, signedIn, withApp } from '../../../test/as';
import { contextOf, password, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { aStaffMember, actorIn, inSession } from '../../../test/staff';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
let admin: Awaited<ReturnType<typeof aStaffMember>>;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
  admin = await aStaffMember(auth);
});

const reason = 'Ticket 4711';
const actAs = ({ id }: Pick<User, 'id'>, { write = false, by = admin } = {}): Promise<Session> =>
  auth.rpc.call(impersonateUser, { id, reason, write }, by.me);
const rotate = (refreshToken: string) => auth.rpc.call(refresh, { refreshToken });
const untilEnd = (seconds: number, refreshToken: string) =>
  sessionIdOf(auth, refreshToken).then((id) =>
    auth.dataSource.query('UPDATE sessions SET expires_at = now() + make_interval(secs => $2) WHERE id = $1', [
      id,
      seconds,
    ]),
  );

describe('impersonating a user', () => {
  it('returns a session of the user, marked in token and response, without roles', async () => {
    const user = await auth.aUser();
    const session = await actAs(user);
    expect(decodeJwt(session.accessToken)).toMatchObject({
      sub: user.id,
      act: { sub: admin.user.id },
      read_only: true,
      roles: [],
    });
    const impersonatedBy = { userId: admin.user.id, readOnly: true };
    expect(session.user).toMatchObject({ id: user.id, impersonatedBy });
    expect(await auth.rpc.call(getProfile, {}, inSession(session))).toMatchObject({ id: user.id, impersonatedBy });
    expect((await auth.aSession(user)).user.impersonatedBy).toBeNull();
  });

  it('emails the user and records the reason, without the device of the staff', async () => {
    const user = await auth.aUser();
    await actAs(user);
    expect(await securityLogOf(auth, user)).toEqual(['impersonated']);
    expect(await auth.mailsTo(user.email)).toMatchObject([
      { event: 'impersonated', subject: reason, ip: null, device: null },
    ]);
  });

  it('is refused for staff, including oneself, and suspended, unverified or unknown users', async () => {
    const colleague = await aStaffMember(auth, 'support');
    const [suspended, unverified] = [await auth.aUser(), await auth.aUser({ emailVerifiedAt: null })];
    await auth.rpc.call(suspendUser, { id: suspended.id, reason }, admin.me);
    const refusals = [colleague.user, admin.user, suspended, unverified, { id: newId() }].map((user) =>
      outcome(actAs(user)),
    );
    expect(await Promise.all(refusals)).toEqual([
      'permission_denied',
      'permission_denied',
      'account_suspended',
      'permission_denied',
      'not_found',
    ]);
    expect(await auth.mailsTo(colleague.user.email)).toEqual([]);
  });

  it('allows changes only to admins, and reading to support', async () => {
    const support = await aStaffMember(auth, 'support');
    const user = await auth.aUser();
    expect(await outcome(actAs(user, { by: support, write: true }))).toBe('permission_denied');
    expect(decodeJwt((await actAs(user, { by: support })).accessToken)).toMatchObject({ read_only: true });
    expect(decodeJwt((await actAs(user, { write: true })).accessToken)).toMatchObject({ read_only: false });
    expect(await securityLogOf(auth, user)).toEqual(['impersonated_with_write', 'impersonated']);
  });

  it('is refused from an ended session or one without a second factor, by the service itself', async () => {
    const former = await aStaffMember(auth);
    const user = await auth.aUser();
    await auth.rpc.call(logout, { sessionId: actorIn(former.session).sessionId });
    expect(await outcome(actAs(user, { by: former }))).toBe('unauthenticated');
    const member = await aStaffMember(auth);
    await auth.dataSource.query('UPDATE sessions SET second_factor = false WHERE user_id = $1', [member.user.id]);
    expect(await outcome(actAs(user, { by: member }))).toBe('unauthenticated');
  });
});

describe('the impersonator', () => {
  it('can read but not change anything by default', async () => {
    const user = await auth.aUser();
    const [reading, writing] = [await actAs(user), await actAs(user, { write: true })];
    expect(await outcome(auth.rpc.call(listSessions, {}, inSession(reading)))).toBe('ok');
    const rename = (session: Session) => outcome(auth.rpc.call(updateProfile, { name: 'Changed' }, inSession(session)));
    expect([await rename(reading), await rename(writing)]).toEqual(['impersonation_read_only', 'ok']);
  });

  it('can never change email address, password, second factors, keys or sessions, or step up', async () => {
    const { user, codeAfter } = await withApp(auth);
    const me = inSession(await actAs(user, { write: true }));
    const changes = [
      auth.rpc.call(requestEmailChange, { email: 'mallory@example.com' }, me),
      auth.rpc.call(changePassword, { currentPassword: password, newPassword: 'tomatoes grow in june' }, me),
      auth.rpc.call(beginTotp, {}, me),
      auth.rpc.call(removeTotp, { code: codeAfter(1) }, me),
      auth.rpc.call(beginPasskey, {}, me),
      auth.rpc.call(createApiKey, { name: 'CI', scopes: ['profile:read'] }, me),
      auth.rpc.call(revokeOtherSessions, {}, me),
      auth.rpc.call(reauthenticate, { password, code: codeAfter(1) }, me),
    ];
    expect(new Set(await outcomes(changes))).toEqual(new Set(['impersonation_read_only']));
  });

  it('cannot impersonate another user from there, or use other staff routes', async () => {
    const me = inSession(await actAs(await auth.aUser(), { write: true }));
    const { id } = await auth.aUser();
    const attempts = [
      auth.rpc.call(impersonateUser, { id, reason }, me),
      auth.rpc.call(searchUsers, {}, me),
      auth.rpc.call(signUserOut, { id }, me),
    ];
    expect(new Set(await outcomes(attempts))).toEqual(new Set(['permission_denied']));
  });

  it('gains nothing by adding staff roles to the user’s id, because the service looks them up', async () => {
    const user = await auth.aUser();
    const actor = { ...actorIn(await auth.aSession(user)), roles: ['staff:admin'] };
    const { id } = await auth.aUser();
    const call = auth.rpc.call(impersonateUser, { id, reason }, { context: contextOf({ actor }) });
    expect(await outcome(call)).toBe('unauthenticated');
  });

  it('leaves no known device, so the user’s own sign-in from there counts as new', async () => {
    const user = await auth.aUser();
    await actAs(user);
    await auth.rpc.call(login, { email: user.email, password }, { context: contextOf({ client: aClient() }) });
    expect(await securityLogOf(auth, user)).toContain('signed_in_from_new_device');
    const { data } = await auth.rpc.call(listSessions, {}, inSession(await auth.aSession(user)));
    expect(data).toHaveLength(2);
  });
});

describe('an impersonation session', () => {
  it('lasts an hour, through refreshes, and no token outlives it', async () => {
    const session = await actAs(await auth.aUser());
    const [row] = await auth.dataSource.query<{ seconds: number }[]>(
      'SELECT extract(epoch FROM expires_at - created_at)::int AS seconds FROM sessions WHERE id = $1',
      [actorIn(session).sessionId],
    );
    expect(row).toEqual({ seconds: 3_600 });
    const again = await rotate(session.refreshToken);
    expect(actorIn(again)).toMatchObject({ impersonatorId: admin.user.id, readOnly: true, roles: [] });
    await untilEnd(90, again.refreshToken);
    const last = await rotate(again.refreshToken);
    expect(last.expiresIn).toBeGreaterThan(0);
    expect(last.expiresIn).toBeLessThanOrEqual(90);
    const { exp = Infinity } = decodeJwt(last.accessToken);
    expect(exp).toBeLessThanOrEqual(Math.floor(Date.now() / 1_000) + 90);
    await untilEnd(-1, last.refreshToken);
    expect(await outcome(rotate(last.refreshToken))).toBe('refresh_token_invalid');
  });

  it('ends by signing out, which keeps the other sessions of both', async () => {
    const { user, session } = await signedIn(auth);
    const acting = await actAs(user);
    expect(await outcome(auth.rpc.call(logout, { sessionId: actorIn(acting).sessionId }))).toBe('ok');
    expect(await outcome(rotate(acting.refreshToken))).toBe('refresh_token_invalid');
    expect(await outcome(rotate(session.refreshToken))).toBe('ok');
    expect(await outcome(auth.rpc.call(searchUsers, {}, admin.me))).toBe('ok');
    expect(await securityLogOf(auth, user)).toContain('impersonation_ended');
  });

  it('ends with its staff session, with all of the staff member’s, and with all of the user’s', async () => {
    const endings: [string, (by: typeof admin, user: User) => Promise<unknown>][] = [
      ['staff sign out', (by) => auth.rpc.call(logout, { sessionId: actorIn(by.session).sessionId })],
      ['staff are signed out', (by) => auth.rpc.call(signUserOut, { id: by.user.id }, admin.me)],
      ['the user is signed out', (_by, user) => auth.rpc.call(signUserOut, { id: user.id }, admin.me)],
      [
        'the user ends the other sessions',
        async (_by, user) => auth.rpc.call(revokeOtherSessions, {}, inSession(await auth.aSession(user))),
      ],
    ];
    for (const [name, end] of endings) {
      const [by, user] = [await aStaffMember(auth), await auth.aUser()];
      const acting = await actAs(user, { by });
      await end(by, user);
      expect({ name, outcome: await outcome(rotate(acting.refreshToken)) }).toEqual({
        name,
        outcome: 'refresh_token_invalid',
      });
    }
  });

  it('has ended if it starts while the staff member is signed out, in either order', async () => {
    for (let round = 0; round < 8; round++) {
      const [by, user] = [await aStaffMember(auth), await auth.aUser()];
      const [begun, signedOut] = await Promise.allSettled([
        actAs(user, { by }),
        auth.rpc.call(signUserOut, { id: by.user.id }, admin.me),
      ]);
      expect(signedOut).toMatchObject({ status: 'fulfilled' });
      if (begun.status === 'rejected') expect(begun.reason).toMatchObject({ code: 'unauthenticated' });
      else expect(await outcome(rotate(begun.value.refreshToken))).toBe('refresh_token_invalid');
    }
  });

  it('ends if its refresh token is used twice, and the user gets no email about a stolen session', async () => {
    const user = await auth.aUser();
    const acting = await actAs(user);
    await rotate(acting.refreshToken);
    await auth.dataSource.query(
      "UPDATE refresh_tokens SET rotated_at = now() - interval '11 s' WHERE rotated_at IS NOT NULL",
    );
    expect(await outcome(rotate(acting.refreshToken))).toBe('refresh_token_reused');
    const templates = (await auth.mailsTo(user.email)).map(({ template }) => template);
    expect(templates).toEqual(['security-notice']);
  });
});
