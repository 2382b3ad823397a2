import { accessTokenSeconds, logout, revokeOtherSessions, sessionRevoked } from '#libs/contracts';
import { securityLogOf, signedIn } from '../../test/as';
import { startAuth, type TestAuth } from '../../test/auth';
import { SessionRecord } from './session.entity';

let auth: TestAuth;
beforeAll(async () => {
  auth = await startAuth();
});

it('ending all others is noted when there was one, and only then', async () => {
  const { user, me } = await signedIn(auth);
  // Everybody made by aUser has an open session: it is the other one.
  await auth.rpc.call(revokeOtherSessions, {}, me);
  await auth.rpc.call(revokeOtherSessions, {}, me);
  const noted = (await securityLogOf(auth, user)).filter((type) => type === 'other_sessions_revoked');
  expect(noted).toHaveLength(1);
});

it('an ended session is announced until the access tokens have run out, and a minute longer', async () => {
  const { sessionId, me } = await signedIn(auth);
  await auth.rpc.call(logout, {}, me);
  const sql = "SELECT payload FROM outbox WHERE event = $1 AND payload LIKE '%' || $2 || '%'";
  const [{ payload }] = await auth.dataSource.query(sql, [sessionRevoked.name, sessionId]);
  const { accessTokensExpireAt } = sessionRevoked.payload.parse(JSON.parse(payload));
  const secondsLeft = (Date.parse(accessTokensExpireAt) - Date.now()) / 1_000;
  expect(secondsLeft).toBeGreaterThan(accessTokenSeconds);
  expect(secondsLeft).toBeLessThanOrEqual(accessTokenSeconds + 60);
});

it('signing out is noted, as that and as its reason', async () => {
  const { user, sessionId, me } = await signedIn(auth);
  await auth.rpc.call(logout, {}, me);
  expect((await securityLogOf(auth, user))[0]).toBe('signed_out');
  expect(await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id: sessionId })).toMatchObject({
    endReason: 'logout',
  });
});
