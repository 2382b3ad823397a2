import {
  accessTokenSeconds,
  beginTotp,
  createApiKey,
  logout,
  reauthenticate,
  refresh,
  revokeOtherSessions,
  revokeSession,
  sessionRevoked,
} from '#libs/contracts';
import { newId } from '#libs/database';
import { as, outcome, outcomes, securityLogOf, sessionIdOf, signedIn } from '../../../test/as';
import { password, startAuth, type TestAuth } from '../../../test/auth';
import { SessionRecord } from './sessions.table';

let auth: TestAuth;
beforeAll(async () => {
  auth = await startAuth();
});

it('ends a session whose id is in capitals', async () => {
  const { user, me } = await signedIn(auth);
  const { refreshToken } = await auth.aSession(user);
  const id = await sessionIdOf(auth, refreshToken);
  expect(await outcome(auth.rpc.call(revokeSession, { id: id.toUpperCase() }, me))).toBe('ok');
  expect(await outcome(auth.rpc.call(refresh, { refreshToken }))).toBe('refresh_token_invalid');
});

it('records the end of all other sessions only if there was one', async () => {
  const { user, me } = await signedIn(auth);
  // Every user of aUser has an open session, which is the other one.
  await auth.rpc.call(revokeOtherSessions, {}, me);
  await auth.rpc.call(revokeOtherSessions, {}, me);
  const noted = (await securityLogOf(auth, user)).filter((type) => type === 'other_sessions_revoked');
  expect(noted).toHaveLength(1);
});

it('announces an ended session until its access tokens have expired, plus a minute', async () => {
  const { sessionId } = await signedIn(auth);
  await auth.rpc.call(logout, { sessionId });
  const sql = "SELECT payload FROM outbox WHERE event = $1 AND payload LIKE '%' || $2 || '%'";
  const [{ payload }] = await auth.dataSource.query(sql, [sessionRevoked.name, sessionId]);
  const { accessTokensExpireAt } = sessionRevoked.payload.parse(JSON.parse(payload));
  const secondsLeft = (Date.parse(accessTokensExpireAt) - Date.now()) / 1_000;
  expect(secondsLeft).toBeGreaterThan(accessTokenSeconds);
  expect(secondsLeft).toBeLessThanOrEqual(accessTokenSeconds + 60);
});

it('records a sign-out with its reason', async () => {
  const { user, sessionId } = await signedIn(auth);
  await auth.rpc.call(logout, { sessionId });
  expect((await securityLogOf(auth, user))[0]).toBe('signed_out');
  expect(await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id: sessionId })).toMatchObject({
    endReason: 'logout',
  });
});

describe('signing out', () => {
  it('ends only the session of the refresh token, even of a rotated one', async () => {
    const { user, session } = await signedIn(auth);
    const other = await auth.aSession(user);
    const { refreshToken } = await auth.rpc.call(refresh, { refreshToken: session.refreshToken });
    expect(await outcome(auth.rpc.call(logout, { refreshToken: session.refreshToken }))).toBe('ok');
    expect(await outcome(auth.rpc.call(refresh, { refreshToken }))).toBe('refresh_token_invalid');
    expect(await outcome(auth.rpc.call(refresh, { refreshToken: other.refreshToken }))).toBe('ok');
  });

  it('does nothing for an ended or unknown session', async () => {
    const { user, sessionId } = await signedIn(auth);
    const requests = [{ sessionId }, { sessionId }, { sessionId: newId() }, { refreshToken: 'unknown' }];
    for (const request of requests) expect(await outcome(auth.rpc.call(logout, request))).toBe('ok');
    expect(await outcome(auth.rpc.call(logout, {}))).toBe('validation_failed');
    expect((await securityLogOf(auth, user)).filter((type) => type === 'signed_out')).toHaveLength(1);
  });

  it('works for a suspended user and an expired session', async () => {
    const { user, sessionId } = await signedIn(auth);
    const suspend = "UPDATE users SET suspended_at = now(), suspension_reason = 'spam' WHERE id = $1";
    await auth.dataSource.query(suspend, [user.id]);
    await auth.dataSource.query('UPDATE sessions SET expires_at = now() WHERE id = $1', [sessionId]);
    expect(await outcome(auth.rpc.call(logout, { sessionId }))).toBe('ok');
    expect(await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id: sessionId })).toMatchObject({
      endReason: 'logout',
    });
  });
});

it('waits for concurrent credentials and step-ups, and neither fails', async () => {
  const [revoked, others]: [string[], string[]] = [[], []];
  for (let round = 0; round < 12; round++) {
    const { user, me, sessionId } = await signedIn(auth);
    const own = as(user, await sessionIdOf(auth, (await auth.aSession(user)).refreshToken));
    const key = () => auth.rpc.call(createApiKey, { name: 'Key', scopes: ['profile:read'] }, me);
    const inSession = [auth.rpc.call(reauthenticate, { password }, me), auth.rpc.call(beginTotp, {}, me), key(), key()];
    revoked.push(await outcome(auth.rpc.call(revokeSession, { id: sessionId }, own)));
    others.push(...(await outcomes(inSession)));
  }
  expect(new Set(revoked)).toEqual(new Set(['ok']));
  // Either can come first.
  expect(others.filter((result) => result !== 'ok' && result !== 'unauthenticated')).toEqual([]);
});
