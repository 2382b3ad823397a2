import { logout, reauthenticate, refresh } from '#libs/contracts';
import { newId } from '#libs/database';
import { decodeJwt } from 'jose';
import { as, outcome, signedIn } from '../../../test/as';
import { password, startAuth, type TestAuth } from '../../../test/auth';

let auth: TestAuth;
beforeAll(async () => {
  auth = await startAuth();
});

describe('step-up', () => {
  it('returns an access token of the same session with a new sign-in time', async () => {
    const { sessionId, me } = await signedIn(auth);
    await auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [
      sessionId,
    ]);
    const { accessToken } = await auth.rpc.call(reauthenticate, { password }, me);
    const claims = decodeJwt(accessToken);
    expect(claims['sid']).toBe(sessionId);
    expect(Date.now() / 1_000 - Number(claims['auth_time'])).toBeLessThan(60);
  });

  it('counts as use of the session, so that revoking all sessions announces its new access token', async () => {
    const { sessionId, me } = await signedIn(auth);
    await auth.dataSource.query("UPDATE sessions SET last_seen_at = now() - interval '1 hour' WHERE id = $1", [
      sessionId,
    ]);
    await auth.rpc.call(reauthenticate, { password }, me);
    const sql = "SELECT last_seen_at > now() - interval '1 minute' AS recent FROM sessions WHERE id = $1";
    expect(await auth.dataSource.query(sql, [sessionId])).toEqual([{ recent: true }]);
  });

  it('is kept by later refreshes, which do not renew it', async () => {
    const { session, sessionId, me } = await signedIn(auth);
    const age = async (refreshToken: string) => {
      const fresh = await auth.rpc.call(refresh, { refreshToken });
      return { ...fresh, seconds: Date.now() / 1_000 - Number(decodeJwt(fresh.accessToken)['auth_time']) };
    };
    await auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [
      sessionId,
    ]);
    const before = await age(session.refreshToken);
    expect(before.seconds).toBeGreaterThan(3_500);
    await auth.rpc.call(reauthenticate, { password }, me);
    expect((await age(before.refreshToken)).seconds).toBeLessThan(60);
  });

  it('is refused with a wrong password, in an ended session, and for an account without a password', async () => {
    const { user, sessionId, me } = await signedIn(auth);
    expect(await outcome(auth.rpc.call(reauthenticate, { password: 'wrong' }, me))).toBe('invalid_credentials');
    await auth.rpc.call(logout, { sessionId });
    expect(await outcome(auth.rpc.call(reauthenticate, { password }, me))).toBe('unauthenticated');
    expect(await outcome(auth.rpc.call(reauthenticate, { password }, as(user, newId())))).toBe('unauthenticated');
    const { me: other } = await signedIn(auth, { passwordHash: null });
    expect(await outcome(auth.rpc.call(reauthenticate, { password }, other))).toBe('password_not_set');
  });
});
