import {
  changePassword,
  completeMfa,
  forgotPassword,
  login,
  mfaRequired,
  refresh,
  resetPassword,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome, outcomes, securityLogOf, signedIn, withApp } from '../../../test/as';
import { password, startAuth, startServers, untilHandled, type TestAuth } from '../../../test/auth';
import { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const another = 'tomatoes grow in june';
const forgot = (email: string) => auth.rpc.call(forgotPassword, { email });
const reset = (token: string, chosen = another) => auth.rpc.call(resetPassword, { token, password: chosen });
const signIn = (email: string, given: string) => outcome(auth.rpc.call(login, { email, password: given }));

async function resetTokenFor(email: string): Promise<string> {
  await forgot(email);
  return auth.mailedToken(email, 'password-reset');
}

describe('requesting a reset', () => {
  it('costs the same queries and events, with the same response, with and without an account', async () => {
    const known = await auth.aUser();
    const costs: unknown[] = [];
    for (const email of [known.email, `${newId()}@example.com`]) {
      await untilHandled(auth);
      const hashes = auth.hasher.hashesRun;
      let answer: unknown;
      const queries = await auth.queries.during(async () => (answer = await forgot(email)));
      const before = queries.findIndex((query) => query.includes('INSERT INTO outbox '));
      costs.push({ answer, hashes: auth.hasher.hashesRun - hashes, queries: queries.slice(0, before + 1) });
    }
    const queries = [expect.stringContaining('INSERT INTO outbox ')];
    expect(costs[0]).toEqual({ answer: { status: 'accepted' }, hashes: 0, queries });
    expect(costs[1]).toEqual(costs[0]);
  });

  it('emails nothing to an unknown email address', async () => {
    const email = `${newId()}@example.com`;
    await forgot(email);
    await untilHandled(auth);
    expect(await auth.mailsTo(email)).toEqual([]);
  });
});

describe('a reset', () => {
  it('changes the password, ends every session, and tells the owner', async () => {
    const { user, session } = await signedIn(auth);
    await reset(await resetTokenFor(user.email));
    expect(await signIn(user.email, password)).toBe('invalid_credentials');
    expect(await signIn(user.email, another)).toBe('ok');
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: session.refreshToken }))).toBe('refresh_token_invalid');
    expect(await auth.mailsTo(user.email)).toContainEqual(expect.objectContaining({ event: 'password_reset' }));
    expect(await securityLogOf(auth, user)).toContain('password_reset');
  });

  it('keeps two-factor authentication on', async () => {
    const { user, code } = await withApp(auth);
    await reset(await resetTokenFor(user.email));
    const { mfaToken } = mfaRequired.parse(await auth.rpc.call(login, { email: user.email, password: another }));
    expect(await outcome(auth.rpc.call(completeMfa, { mfaToken, code }))).toBe('ok');
  });

  it('happens once with two concurrent requests', async () => {
    const user = await auth.aUser();
    const token = await resetTokenFor(user.email);
    const answers = await outcomes(Array.from({ length: 8 }, (_, index) => reset(token, `${another} ${index}`)));
    expect(answers).toEqual(['ok', ...Array<string>(7).fill('token_used')]);
  });

  it('ends older reset links and sign-in links', async () => {
    const user = await auth.aUser();
    const older = await resetTokenFor(user.email);
    const newer = await resetTokenFor(user.email);
    await reset(newer);
    expect(await outcome(reset(older, 'yet another password'))).toBe('token_used');
  });

  it('says that its link expired a second ago', async () => {
    const user = await auth.aUser();
    const token = await resetTokenFor(user.email);
    await auth.dataSource.query(
      "UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = $1",
      [user.id],
    );
    expect(await outcome(reset(token))).toBe('token_expired');
    expect(await signIn(user.email, password)).toBe('ok');
  });

  it('refuses a token that is a bare user id, unknown, or damaged before anything is hashed', async () => {
    const user = await auth.aUser();
    const token = await resetTokenFor(user.email);
    const hashes = auth.hasher.hashesRun;
    for (const wrong of [user.id, 'x', `${token}A`, token.replace('.', '..'), token.split('.').reverse().join('.')]) {
      expect(await outcome(reset(wrong))).toBe('token_invalid');
    }
    expect(auth.hasher.hashesRun).toBe(hashes);
  });

  it('verifies an unverified email address, and ends what a stranger set up', async () => {
    const user = await auth.aUser({ emailVerifiedAt: null });
    await reset(await resetTokenFor(user.email));
    expect(await signIn(user.email, password)).toBe('invalid_credentials');
    expect(await signIn(user.email, another)).toBe('ok');
  });

  it('keeps no token in the database', async () => {
    const user = await auth.aUser();
    const token = await resetTokenFor(user.email);
    const [selector = '', verifier = ''] = token.split('.');
    const rows = JSON.stringify(await auth.dataSource.query('SELECT * FROM one_time_tokens'));
    expect(rows).toContain(selector);
    expect(rows).not.toContain(verifier);
  });

  it('leaves no live session if it races sign-ins and refreshes', async () => {
    for (let round = 0; round < 8; round++) {
      const { user, session } = await signedIn(auth);
      const token = await resetTokenFor(user.email);
      const [refreshed, signedInAgain] = await Promise.allSettled([
        auth.rpc.call(refresh, { refreshToken: session.refreshToken }),
        auth.signIn(user),
        reset(token),
      ]);
      for (const made of [refreshed, signedInAgain]) {
        if (made.status === 'rejected') continue;
        expect(await outcome(auth.rpc.call(refresh, { refreshToken: made.value.refreshToken }))).toBe(
          'refresh_token_invalid',
        );
      }
      const open = 'SELECT 1 FROM sessions WHERE user_id = $1 AND ended_at IS NULL';
      expect(await auth.dataSource.query(open, [user.id])).toEqual([]);
    }
  });
});

describe('a change', () => {
  const change = (user: User, sessionId: string, currentPassword = password, newPassword = another) =>
    auth.rpc.call(changePassword, { currentPassword, newPassword }, as(user, sessionId));

  it('keeps this session, ends the others, and tells the owner', async () => {
    const { user, session, sessionId } = await signedIn(auth);
    const other = await auth.signIn(user);
    await change(user, sessionId);
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: session.refreshToken }))).toBe('ok');
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: other.refreshToken }))).toBe('refresh_token_invalid');
    expect(await signIn(user.email, another)).toBe('ok');
    expect(await auth.mailsTo(user.email)).toContainEqual(expect.objectContaining({ event: 'password_changed' }));
  });

  it('needs the current password', async () => {
    const { user, sessionId } = await signedIn(auth);
    expect(await outcome(change(user, sessionId, 'not the password'))).toBe('invalid_credentials');
    expect(await signIn(user.email, password)).toBe('ok');
  });

  it('happens once with two concurrent requests', async () => {
    const { user, sessionId } = await signedIn(auth);
    const changes = ['the first new password', 'the second new password'].map((chosen) =>
      change(user, sessionId, password, chosen),
    );
    expect(await outcomes(changes)).toEqual(['invalid_credentials', 'ok']);
  });

  it('says how to get a password if the account has none', async () => {
    const { user, sessionId } = await signedIn(auth, { passwordHash: null });
    expect(await outcome(change(user, sessionId))).toBe('password_not_set');
    expect(await signIn(user.email, password)).toBe('invalid_credentials');
  });

  it('refuses a password of 10,000 characters before it is hashed', async () => {
    const { user, sessionId } = await signedIn(auth);
    const hashes = auth.hasher.hashesRun;
    expect(await outcome(change(user, sessionId, 'x'.repeat(10_000)))).toBe('validation_failed');
    expect(await outcome(change(user, sessionId, password, 'x'.repeat(10_000)))).toBe('validation_failed');
    expect(auth.hasher.hashesRun).toBe(hashes);
  });

  it('locks out only the session with wrong guesses', async () => {
    const { user, sessionId } = await signedIn(auth);
    const guesses: string[] = [];
    for (let guess = 0; guess < 4; guess++) guesses.push(await outcome(change(user, sessionId, `guess ${guess}`)));
    expect(guesses).toEqual(['invalid_credentials', 'invalid_credentials', 'invalid_credentials', 'too_many_attempts']);
    expect(await signIn(user.email, password)).toBe('ok');
  });
});
