import {
  beginPasskeySignIn,
  completeMfa,
  createApiKey,
  forgotPassword,
  inspectUser,
  login,
  reinstateUser,
  refresh,
  requestMagicLink,
  resetPassword,
  signInWithMagicLink,
  signInWithPasskey,
  signUserOut,
  suspendUser,
  verifyApiKey,
  verifyEmail,
  requestEmailChange,
  confirmEmailChange,
  register,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { hashToken } from '#libs/encryption';
import { outcome, outcomes, securityLogOf, signedIn, withApp } from '../../../test/as';
import { actorOf, contextOf, password, startAuth, startServers, untilHandled, type TestAuth } from '../../../test/auth';
import { enrol } from '../../../test/passkeys';
import { aStaffMember, inSession, sessionOf } from '../../../test/staff';
import { SessionRecord } from '../../session/session/sessions.table';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
let admin: Awaited<ReturnType<typeof aStaffMember>>;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
  admin = await aStaffMember(auth);
});

const reason = 'Sends spam';
const suspend = ({ id }: Pick<User, 'id'>, by = admin) => auth.rpc.call(suspendUser, { id, reason }, by.me);
const reinstate = ({ id }: Pick<User, 'id'>) => auth.rpc.call(reinstateUser, { id }, admin.me);
const signIn = (email: string, given = password) => outcome(auth.rpc.call(login, { email, password: given }));
const rotate = (refreshToken: string) => outcome(auth.rpc.call(refresh, { refreshToken }));
const openSessions = ({ id }: User) =>
  auth.dataSource.query<unknown[]>('SELECT 1 FROM sessions WHERE user_id = $1 AND ended_at IS NULL', [id]);
const revocations = () =>
  auth.dataSource.query<{ payload: string }[]>("SELECT payload FROM outbox WHERE event = 'session.revoked'");

describe('suspending a user', () => {
  it('ends every session, announces it, hides the reason from the user, and emails them', async () => {
    const { user, session, sessionId } = await signedIn(auth);
    expect(await suspend(user)).toMatchObject({
      id: user.id,
      suspendedAt: expect.any(String),
      suspensionReason: reason,
      openSessions: 0,
    });
    expect(await openSessions(user)).toEqual([]);
    expect((await revocations()).some(({ payload }) => payload.includes(sessionId))).toBe(true);
    expect(await rotate(session.refreshToken)).toBe('account_suspended');
    expect(await securityLogOf(auth, user)).toContain('suspended');
    const mails = (await auth.mailsTo(user.email)).filter((mail) => 'event' in mail && mail.event === 'suspended');
    expect(mails).toMatchObject([{ subject: null, ip: null, device: null }]);
    expect(JSON.stringify(mails)).not.toContain(reason);
  });

  it('happens once with concurrent requests, with the first reason', async () => {
    const user = await auth.aUser();
    await Promise.all([suspend(user), suspend(user)]);
    await auth.rpc.call(suspendUser, { id: user.id, reason: 'Another' }, admin.me);
    expect((await securityLogOf(auth, user)).filter((type) => type === 'suspended')).toHaveLength(1);
    expect(await auth.rpc.call(inspectUser, { id: user.id }, admin.me)).toMatchObject({ suspensionReason: reason });
  });

  it('refuses a reason that PostgreSQL cannot store', async () => {
    const user = await auth.aUser();
    const wish = { id: user.id, reason: 'Sends\0spam' };
    expect(await outcome(auth.rpc.call(suspendUser, wish, admin.me))).toBe('validation_failed');
  });

  it('is refused for oneself, other staff, and unknown users', async () => {
    const other = await aStaffMember(auth, 'support');
    for (const user of [admin.user, other.user]) expect(await outcome(suspend(user))).toBe('permission_denied');
    expect(await outcome(suspend({ id: newId() }))).toBe('not_found');
    expect(await outcome(auth.rpc.call(reinstateUser, { id: newId() }, admin.me))).toBe('not_found');
    expect(await openSessions(admin.user)).not.toEqual([]);
  });

  it('is allowed for admins only, and not after their session has ended', async () => {
    const user = await auth.aUser();
    const [support, former] = [await aStaffMember(auth, 'support'), await aStaffMember(auth)];
    expect(await outcome(suspend(user, support))).toBe('permission_denied');
    await auth.rpc.call(signUserOut, { id: former.user.id }, admin.me);
    expect(await outcome(suspend(user, former))).toBe('unauthenticated');
    const actor = { ...actorOf(user), roles: ['staff:admin'] };
    const forged = auth.rpc.call(suspendUser, { id: former.user.id, reason }, { context: contextOf({ actor }) });
    expect(await outcome(forged)).toBe('unauthenticated');
    expect(await signIn(user.email)).toBe('ok');
  });
});

describe('a suspended user', () => {
  it('learns about it only with the right password', async () => {
    const user = await auth.aUser();
    await suspend(user);
    expect(await signIn(user.email)).toBe('account_suspended');
    expect(await signIn(user.email, 'a wrong password')).toBe('invalid_credentials');
    expect(await openSessions(user)).toEqual([]);
  });

  it('is not asked for a second factor, and an unfinished sign-in ends', async () => {
    const { user, code } = await withApp(auth);
    const half = await auth.rpc.call(login, { email: user.email, password });
    await suspend(user);
    expect(await signIn(user.email)).toBe('account_suspended');
    if (!('mfaToken' in half)) throw new Error('No second factor was asked for.');
    expect(await outcome(auth.rpc.call(completeMfa, { mfaToken: half.mfaToken, code }))).toBe('mfa_token_invalid');
  });

  it('cannot sign in with a link, older or newer', async () => {
    const user = await auth.aUser();
    await auth.rpc.call(requestMagicLink, { email: user.email });
    const before = await auth.mailedToken(user.email, 'magic-link');
    await suspend(user);
    expect(await outcome(auth.rpc.call(signInWithMagicLink, { token: before }))).toBe('account_suspended');
    await auth.rpc.call(requestMagicLink, { email: user.email });
    await untilHandled(auth);
    const after = await auth.mailedToken(user.email, 'magic-link');
    expect(await outcome(auth.rpc.call(signInWithMagicLink, { token: after }))).toBe('account_suspended');
    expect(await openSessions(user)).toEqual([]);
  });

  it('cannot sign in with a passkey', async () => {
    const user = await auth.aUser();
    const { authenticator } = await enrol(auth, user);
    await suspend(user);
    const response = authenticator.get(await auth.rpc.call(beginPasskeySignIn, {}));
    expect(await outcome(auth.rpc.call(signInWithPasskey, { response }))).toBe('account_suspended');
  });

  it('is not signed in by verifying the email address', async () => {
    const email = `${newId()}@example.com`;
    await auth.rpc.call(register, { email, password: 'tomatoes grow in june', name: 'Ada' });
    const token = await auth.mailedToken(email, 'verify-email');
    const [row] = await auth.dataSource.query<{ id: string }[]>('SELECT id FROM users WHERE email = $1', [email]);
    await suspend({ id: row?.id ?? '' });
    expect(await outcome(auth.rpc.call(verifyEmail, { token }))).toBe('account_suspended');
  });

  it('can reset the password, and is not signed in by it', async () => {
    const user = await auth.aUser();
    await suspend(user);
    await auth.rpc.call(forgotPassword, { email: user.email });
    const token = await auth.mailedToken(user.email, 'password-reset');
    const chosen = 'tomatoes grow in june';
    expect(await auth.rpc.call(resetPassword, { token, password: chosen })).toBeNull();
    expect(await signIn(user.email, chosen)).toBe('account_suspended');
    expect(await openSessions(user)).toEqual([]);
  });

  it('cannot change the email address with an older link', async () => {
    const { user, me } = await signedIn(auth);
    const email = `${newId()}@example.com`;
    await auth.rpc.call(requestEmailChange, { email }, me);
    const token = await auth.mailedToken(email, 'confirm-email-change');
    await suspend(user);
    expect(await outcome(auth.rpc.call(confirmEmailChange, { token }))).toBe('token_used');
  });

  it('has refused API keys, which work again after reinstatement', async () => {
    const { user, me } = await signedIn(auth);
    const wish = { name: 'CI', scopes: ['profile:read' as const] };
    const { key } = await auth.rpc.call(createApiKey, wish, me);
    const verify = () => outcome(auth.rpc.call(verifyApiKey, { hash: hashToken(key) }));
    expect(await verify()).toBe('ok');
    await suspend(user);
    expect(await verify()).toBe('account_suspended');
    await reinstate(user);
    expect(await verify()).toBe('ok');
  });

  it('has no session after a concurrent sign-in and refresh', async () => {
    for (let round = 0; round < 8; round++) {
      const { user, session } = await signedIn(auth);
      const racing = [
        outcome(suspend(user)),
        ...Array.from({ length: 3 }, () => outcome(sessionOf(auth, user))),
        rotate(session.refreshToken),
      ];
      await Promise.all(racing);
      expect(await openSessions(user)).toEqual([]);
      expect(await rotate(session.refreshToken)).toBe('account_suspended');
    }
  });

  it('can sign in again after reinstatement, without the old sessions', async () => {
    const { user, session } = await signedIn(auth);
    await suspend(user);
    expect(await reinstate(user)).toMatchObject({ suspendedAt: null, suspensionReason: null });
    expect(await signIn(user.email)).toBe('ok');
    expect(await rotate(session.refreshToken)).toBe('refresh_token_invalid');
    await reinstate(user);
    expect((await securityLogOf(auth, user)).filter((type) => type === 'reinstated')).toHaveLength(1);
  });
});

describe('signing a user out', () => {
  it('ends all sessions, and keeps the account unchanged', async () => {
    const support = await aStaffMember(auth, 'support');
    const { user, session } = await signedIn(auth);
    expect(await auth.rpc.call(signUserOut, { id: user.id }, support.me)).toBeNull();
    expect(await rotate(session.refreshToken)).toBe('refresh_token_invalid');
    expect(await auth.dataSource.manager.findBy(SessionRecord, { userId: user.id })).toMatchObject([
      { endReason: 'signed_out_by_staff' },
      { endReason: 'signed_out_by_staff' },
    ]);
    expect(await signIn(user.email)).toBe('ok');
    expect(await securityLogOf(auth, user)).toContain('signed_out_by_staff');
    expect(await outcomes([auth.rpc.call(signUserOut, { id: newId() }, support.me)])).toEqual(['not_found']);
  });

  it('does not show the user the device or IP address of the staff member', async () => {
    const { user } = await signedIn(auth);
    await auth.rpc.call(signUserOut, { id: user.id }, inSession(admin.session));
    const sql = "SELECT ip, user_agent FROM security_events WHERE user_id = $1 AND type = 'signed_out_by_staff'";
    expect(await auth.dataSource.query(sql, [user.id])).toEqual([{ ip: null, user_agent: null }]);
  });
});
