import {
  beginTotp,
  confirmEmailChange,
  confirmTotp,
  createApiKey,
  forgotPassword,
  login,
  logout,
  refresh,
  requestEmailChange,
  resetPassword,
  revokeOtherSessions,
  undoEmailChange,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome, outcomes, sessionIdOf, signedIn } from '../../../test/as';
import { password, startAuth, untilHandled, type TestAuth } from '../../../test/auth';
import { totpCodeAt } from '../totp/totp';
import { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => (auth = await startAuth()));

const anAddress = () => `${newId()}@example.com`;
const confirm = (token: string) => auth.rpc.call(confirmEmailChange, { token });
const undo = (token: string) => auth.rpc.call(undoEmailChange, { token });
const signIn = (email: string, given = password) => outcome(auth.rpc.call(login, { email, password: given }));

/** Requests the change in the user's own session. */
const wish = async (user: User, email: string) => {
  const session = await auth.aSession(user);
  return auth.rpc.call(requestEmailChange, { email }, as(user, await sessionIdOf(auth, session.refreshToken)));
};

async function requested(user: User, email: string): Promise<string> {
  await wish(user, email);
  return auth.mailedToken(email, 'confirm-email-change');
}

/** A user whose email address was changed, and the token that went to the old one. */
async function changed() {
  const { user, session } = await signedIn(auth);
  const email = anAddress();
  await confirm(await requested(user, email));
  return { user, session, email, undoToken: await auth.mailedToken(user.email, 'email-changed') };
}

it('changes nothing until the link in the mail to the new address is used', async () => {
  const user = await auth.aUser();
  const email = anAddress();
  const token = await requested(user, email);
  expect([await signIn(user.email), await signIn(email)]).toEqual(['ok', 'invalid_credentials']);
  await confirm(token);
  expect([await signIn(user.email), await signIn(email)]).toEqual(['invalid_credentials', 'ok']);
});

it('is confirmed once by two concurrent requests', async () => {
  const token = await requested(await auth.aUser(), anAddress());
  expect(await outcomes([confirm(token), confirm(token), confirm(token)])).toEqual(['ok', 'token_used', 'token_used']);
});

it('uses the last of two requests', async () => {
  const user = await auth.aUser();
  const first = await requested(user, anAddress());
  const second = await requested(user, anAddress());
  expect(await outcome(confirm(first))).toBe('token_used');
  expect(await outcome(confirm(second))).toBe('ok');
});

it('responds the same for an address with an account, and tells its owner', async () => {
  const [user, other] = [await auth.aUser(), await auth.aUser()];
  const toTaken = await wish(user, other.email);
  const toFree = await wish(user, anAddress());
  expect(toTaken).toEqual(toFree);
  await untilHandled(auth);
  expect(await auth.mailsTo(other.email)).toMatchObject([{ template: 'already-registered' }]);
});

it('gives the address to the first of two accounts that confirms it', async () => {
  const email = anAddress();
  const [first, second] = [await auth.aUser(), await auth.aUser()];
  const one = await requested(first, email);
  await wish(second, email);
  await untilHandled(auth);
  const two = await auth.mailedToken(email, 'confirm-email-change');
  expect(two).not.toBe(one);
  expect(await outcomes([confirm(one), confirm(two)])).toEqual(['email_taken', 'ok']);
});

it('ignores an unverified registration of the new address', async () => {
  const squatter = await auth.aUser({ emailVerifiedAt: null });
  const user = await auth.aUser();
  await confirm(await requested(user, squatter.email));
  expect(await auth.dataSource.manager.findOneByOrFail(User, { email: squatter.email })).toMatchObject({ id: user.id });
});

it('ends links that were emailed to the old address', async () => {
  const user = await auth.aUser();
  await auth.rpc.call(forgotPassword, { email: user.email });
  const token = await auth.mailedToken(user.email, 'password-reset');
  await confirm(await requested(user, anAddress()));
  expect(await outcome(auth.rpc.call(resetPassword, { token, password: 'tomatoes grow in june' }))).toBe('token_used');
});

it('sends no link after the session has ended or the password was reset', async () => {
  const { user, me, sessionId } = await signedIn(auth);
  const email = anAddress();
  const late = { userId: user.id, email, sessionEpoch: user.sessionEpoch };
  await auth.rpc.call(revokeOtherSessions, {}, me);
  await auth.dataSource.transaction((manager) => auth.emailChange.onRequested(late, { manager }));
  expect(await auth.mailsTo(email)).toEqual([]);
  await auth.rpc.call(logout, { sessionId });
  expect(await outcome(auth.rpc.call(requestEmailChange, { email }, as(user, sessionId)))).toBe('unauthenticated');
});

describe('the undo link, which goes to the old address,', () => {
  it('restores the address, ends all sessions, and emails a password reset link', async () => {
    const { user, session, email, undoToken } = await changed();
    await undo(undoToken);
    // Whoever changed the email address may know the password, so it is removed.
    expect([await signIn(user.email), await signIn(email)]).toEqual(['invalid_credentials', 'invalid_credentials']);
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: session.refreshToken }))).toBe('refresh_token_invalid');
    const token = await auth.mailedToken(user.email, 'password-reset');
    await auth.rpc.call(resetPassword, { token, password: 'tomatoes grow in june' });
    expect(await signIn(user.email, 'tomatoes grow in june')).toBe('ok');
  });

  it('works once, for a week', async () => {
    const { user, undoToken } = await changed();
    expect(await outcomes([undo(undoToken), undo(undoToken)])).toEqual(['ok', 'token_used']);
    const later = await changed();
    await auth.dataSource.query(
      `UPDATE one_time_tokens SET expires_at = expires_at - interval '7 days 1 second'
       WHERE user_id = $1 AND purpose = 'email-change-undo'`,
      [later.user.id],
    );
    expect(await outcome(undo(later.undoToken))).toBe('token_expired');
    expect(user.id).not.toBe(later.user.id);
  });

  it('ends an intruder’s undo links when the owner uses it', async () => {
    const { user, email, undoToken } = await changed();
    await confirm(await requested({ ...user, email }, anAddress()));
    const intruders = await auth.mailedToken(email, 'email-changed');
    await undo(undoToken);
    expect(await outcome(undo(intruders))).toBe('token_used');
    expect(await auth.dataSource.manager.findOneByOrFail(User, { id: user.id })).toMatchObject({ email: user.email });
  });

  it('leaves the owner’s link valid when an intruder uses another one', async () => {
    const { user, email, undoToken } = await changed();
    await confirm(await requested({ ...user, email }, anAddress()));
    await undo(await auth.mailedToken(email, 'email-changed'));
    const token = await auth.mailedToken(email, 'password-reset');
    const intruders = 'tomatoes grow in june';
    await auth.rpc.call(resetPassword, { token, password: intruders });
    expect(await signIn(email, intruders)).toBe('ok');
    await undo(undoToken);
    expect(await auth.dataSource.manager.findOneByOrFail(User, { id: user.id })).toMatchObject({ email: user.email });
    for (const address of [email, user.email]) expect(await signIn(address, intruders)).toBe('invalid_credentials');
  });

  it('removes an authenticator app that was begun before the change and confirmed after it', async () => {
    const { user, me } = await signedIn(auth);
    const { secret } = await auth.rpc.call(beginTotp, {}, me);
    await auth.dataSource.query(
      "UPDATE totp_credentials SET created_at = now() - interval '9 days' WHERE user_id = $1",
      [user.id],
    );
    await confirm(await requested(user, anAddress()));
    await auth.rpc.call(confirmTotp, { code: totpCodeAt(secret, Date.now()) }, me);
    await undo(await auth.mailedToken(user.email, 'email-changed'));
    expect(await auth.dataSource.query('SELECT 1 FROM totp_credentials WHERE user_id = $1', [user.id])).toEqual([]);
  });

  it('removes API keys, passkeys, identities and authenticator apps that an intruder added, and keeps the rest', async () => {
    const { user, me } = await signedIn(auth);
    const old = newId();
    const passkey = `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, name, device_type, backed_up, created_at)
      VALUES ($1, $2, $3, '\\x00', 0, '{}', 'key', 'singleDevice', false, now() - $4::interval)`;
    await auth.dataSource.query(passkey, [old, user.id, newId(), '2 days']);
    await auth.dataSource.query(passkey, [newId(), user.id, newId(), '2 hours']);
    const { secret } = await auth.rpc.call(beginTotp, {}, me);
    await auth.rpc.call(confirmTotp, { code: totpCodeAt(secret, Date.now()) }, me);
    await auth.rpc.call(createApiKey, { name: 'robot', scopes: ['profile:read'] }, me);
    await confirm(await requested(user, anAddress()));
    await undo(await auth.mailedToken(user.email, 'email-changed'));
    const left = (sql: string): Promise<object[]> => auth.dataSource.query(sql, [user.id]);
    expect(await left('SELECT id FROM passkeys WHERE user_id = $1')).toEqual([{ id: old }]);
    expect(await left('SELECT 1 FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL')).toEqual([]);
    expect(await left('SELECT 1 FROM recovery_codes WHERE user_id = $1')).toEqual([]);
    expect(await left('SELECT 1 FROM users WHERE id = $1 AND mfa_enabled_at IS NOT NULL')).toEqual([]);
  });
});
