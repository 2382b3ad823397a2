import {
  listSecurityEvents,
  listSessions,
  login,
  logout,
  refresh,
  revokeOtherSessions,
  revokeSession,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { aClient, outcome, outcomes, securityLogOf, sessionIdOf, signedIn } from '../../../test/as';
import { actorOf, contextOf, password, startAuth, startServers, type TestAuth } from '../../../test/auth';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const rotate = (refreshToken: string) => outcome(auth.rpc.call(refresh, { refreshToken }));

describe('the list of sessions', () => {
  it('shows device, IP address and times, and marks the current session', async () => {
    const { user, sessionId, me } = await signedIn(auth);
    await auth.signIn(user, aClient());
    const { data } = await auth.rpc.call(listSessions, {}, me);
    expect(data).toHaveLength(2);
    expect(data.find(({ current }) => current)).toMatchObject({ id: sessionId, device: null });
    const other = data.find(({ current }) => !current);
    expect(other).toMatchObject({ device: 'Firefox on Linux', ip: '203.0.113.9' });
    const days = (Date.parse(other?.expiresAt ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
  });

  it('has no ended, idle or expired sessions, and none of other users', async () => {
    const { user, me } = await signedIn(auth);
    const others = await Promise.all(Array.from({ length: 3 }, () => auth.aSession(user)));
    const [ended = '', idle = '', old = ''] = await Promise.all(
      others.map(({ refreshToken }) => sessionIdOf(auth, refreshToken)),
    );
    await auth.rpc.call(revokeSession, { id: ended }, me);
    await auth.dataSource.query("UPDATE refresh_tokens SET expires_at = now() - interval '1 s' WHERE session_id = $1", [
      idle,
    ]);
    await auth.dataSource.query("UPDATE sessions SET expires_at = now() - interval '1 s' WHERE id = $1", [old]);
    await signedIn(auth);
    expect((await auth.rpc.call(listSessions, {}, me)).data).toHaveLength(1);
  });

  it('shows the hundred sessions seen last, of a thousand', async () => {
    const { user, me } = await signedIn(auth);
    await auth.dataSource.query(
      `WITH many AS (
         INSERT INTO sessions (id, user_id, ip, user_agent, expires_at)
         SELECT gen_random_uuid(), $1, '192.0.2.1', '', now() + interval '1 day' FROM generate_series(1, 1000) RETURNING id
       )
       INSERT INTO refresh_tokens (hash, session_id, expires_at) SELECT id::text, id, now() + interval '1 day' FROM many`,
      [user.id],
    );
    expect((await auth.rpc.call(listSessions, {}, me)).data).toHaveLength(100);
  });
});

describe('revoking sessions', () => {
  it('ends one session', async () => {
    const { user, session, me } = await signedIn(auth);
    const other = await auth.aSession(user);
    await auth.rpc.call(revokeSession, { id: await sessionIdOf(auth, other.refreshToken) }, me);
    expect([await rotate(other.refreshToken), await rotate(session.refreshToken)]).toEqual([
      'refresh_token_invalid',
      'ok',
    ]);
    expect(await securityLogOf(auth, user)).toContain('session_revoked');
  });

  it('returns not_found for another user’s session, and leaves it open', async () => {
    const [mine, theirs] = [await signedIn(auth), await signedIn(auth)];
    for (const id of [theirs.sessionId, newId()]) {
      expect(await outcome(auth.rpc.call(revokeSession, { id }, mine.me))).toBe('not_found');
    }
    expect(await outcome(auth.rpc.call(revokeSession, { id: 'x' }, mine.me))).toBe('validation_failed');
    expect(await rotate(theirs.session.refreshToken)).toBe('ok');
  });

  it('ends all others, and leaves no live session if a refresh races it', async () => {
    for (let round = 0; round < 8; round++) {
      const { user, session, me } = await signedIn(auth);
      const other = await auth.aSession(user);
      const [refreshed] = await Promise.allSettled([
        auth.rpc.call(refresh, { refreshToken: other.refreshToken }),
        auth.rpc.call(revokeOtherSessions, {}, me),
      ]);
      const newest = refreshed.status === 'fulfilled' ? refreshed.value.refreshToken : other.refreshToken;
      expect(await rotate(newest)).toBe('refresh_token_invalid');
      expect(await rotate(session.refreshToken)).toBe('ok');
    }
  });

  it('keeps the current session, even if it is refreshed at the same time', async () => {
    for (let round = 0; round < 10; round++) {
      const { user, session, me } = await signedIn(auth);
      await Promise.all(Array.from({ length: 3 }, () => auth.aSession(user)));
      const [, refreshed] = await Promise.all([
        auth.rpc.call(revokeOtherSessions, {}, me),
        outcome(auth.rpc.call(refresh, { refreshToken: session.refreshToken })),
      ]);
      expect(refreshed).toBe('ok');
    }
  });

  it('treats a session of an older epoch as ended', async () => {
    const { user, session } = await signedIn(auth);
    await auth.dataSource.query('UPDATE users SET session_epoch = session_epoch + 1 WHERE id = $1', [user.id]);
    expect(await rotate(session.refreshToken)).toBe('refresh_token_invalid');
  });

  it('needs a recent sign-in, so that a thief cannot lock the owner out', async () => {
    const { user, sessionId, me } = await signedIn(auth);
    const other = await auth.aSession(user);
    const authenticatedAt = Math.floor(Date.now() / 1_000) - 601;
    const stale = { context: { ...me.context, actor: { ...actorOf(user, sessionId), authenticatedAt } } };
    const id = await sessionIdOf(auth, other.refreshToken);
    expect(await outcome(auth.rpc.call(revokeSession, { id }, stale))).toBe('reauthentication_required');
    expect(await outcome(auth.rpc.call(revokeOtherSessions, {}, stale))).toBe('reauthentication_required');
    expect(await outcome(auth.rpc.call(logout, { sessionId }))).toBe('ok');
    expect(await rotate(other.refreshToken)).toBe('ok');
  });

  it('records one of two concurrent sign-outs', async () => {
    const { user, sessionId } = await signedIn(auth);
    const signOut = () => auth.rpc.call(logout, { sessionId });
    expect(await outcomes([signOut(), signOut()])).toEqual(['ok', 'ok']);
    expect((await securityLogOf(auth, user)).filter((type) => type === 'signed_out')).toHaveLength(1);
  });
});

describe('signing in', () => {
  const from = (email: string, client: ReturnType<typeof aClient>) =>
    auth.rpc.call(login, { email, password }, { context: contextOf({ client }) });
  const notices = async (email: string) =>
    (await auth.mailsTo(email)).filter((mail) => 'event' in mail && mail.event === 'signed_in_from_new_device').length;

  it('emails the owner about a new device and IP address, and not about known ones', async () => {
    const { email } = await auth.aUser();
    await from(email, aClient());
    expect(await notices(email)).toBe(1);
    await from(email, aClient());
    expect(await notices(email)).toBe(1);
    await from(email, aClient({ ip: '198.51.100.7' }));
    expect(await notices(email)).toBe(2);
    await from(email, aClient({ ip: '198.51.100.8', deviceId: newId() }));
    expect(await notices(email)).toBe(2);
  });

  it('never lasts longer than thirty days', async () => {
    const { session } = await signedIn(auth);
    const [{ days }] = await auth.dataSource.query(
      'SELECT extract(day FROM expires_at - created_at)::int AS days FROM sessions WHERE id = $1',
      [await sessionIdOf(auth, session.refreshToken)],
    );
    expect(days).toBe(30);
  });
});

describe('the security log', () => {
  it('is read page by page, newest first, by its owner only', async () => {
    const { user, me } = await signedIn(auth);
    for (let index = 0; index < 4; index++) await auth.signIn(user, aClient());
    await signedIn(auth);
    const seen: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
      const page = await auth.rpc.call(
        listSecurityEvents,
        { limit: 2, ...(cursor === undefined ? {} : { cursor }) },
        me,
      );
      seen.push(...page.data.map(({ id }) => id));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(seen).toHaveLength(5);
    expect(seen).toEqual(seen.toSorted().reverse());
    expect(new Set(seen).size).toBe(5);
  });

  it('shows who it was and how', async () => {
    const { user, me } = await signedIn(auth);
    await auth.signIn(user, aClient());
    const { data } = await auth.rpc.call(listSecurityEvents, {}, me);
    expect(data[0]).toMatchObject({
      type: 'signed_in_from_new_device',
      ip: '203.0.113.9',
      device: 'Firefox on Linux',
      details: { method: 'password' },
    });
  });

  it('refuses invalid limits and cursors', async () => {
    const { me } = await signedIn(auth);
    for (const limit of [0, 101, 1.5]) {
      expect(await outcome(auth.rpc.call(listSecurityEvents, { limit }, me))).toBe('validation_failed');
    }
    for (const cursor of ['x', "'; DROP TABLE users; --", 'A'.repeat(300)]) {
      expect(await outcome(auth.rpc.call(listSecurityEvents, { cursor }, me))).toBe('validation_failed');
    }
  });
});
