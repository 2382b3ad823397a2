import { accessTokenSeconds, logout, ProblemError, refresh, type Session } from '#libs/contracts';
import { hashToken } from '#libs/encryption';
import { securityLogOf } from '../../../test/as';
import { contextOf, startAuth, startServers, type TestAuth } from '../../../test/auth';
import { RefreshToken } from '../session/refresh-tokens.table';
import { SessionRecord } from '../session/sessions.table';
import type { User } from '../../account/user/users.table';

let auth: TestAuth;
beforeAll(async () => {
  const servers = await startServers();
  [auth] = await Promise.all([startAuth(servers), startAuth(servers)]);
});

const rotate = (refreshToken: string) => auth.rpc.call(refresh, { refreshToken });

async function signedIn(): Promise<{ user: User; session: Session; sessionId: string }> {
  const user = await auth.aUser();
  const session = await auth.signIn(user);
  const { sessionId } = await auth.dataSource.manager.findOneByOrFail(RefreshToken, {
    hash: hashToken(session.refreshToken),
  });
  return { user, session, sessionId };
}

const ageRotation = (token: string) =>
  auth.dataSource.query("UPDATE refresh_tokens SET rotated_at = now() - interval '11 seconds' WHERE hash = $1", [
    hashToken(token),
  ]);

it('creates one child for fifty concurrent requests over two replicas, and returns it to all', async () => {
  const { session, sessionId } = await signedIn();
  const answers = await Promise.all(Array.from({ length: 50 }, () => rotate(session.refreshToken)));
  expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1);
  expect(await auth.dataSource.manager.countBy(RefreshToken, { sessionId })).toBe(2);
});

it('stores no readable token, neither parent nor child', async () => {
  const { session, sessionId } = await signedIn();
  const child = await rotate(session.refreshToken);
  const rows = JSON.stringify(await auth.dataSource.manager.findBy(RefreshToken, { sessionId }));
  expect(rows).not.toContain(session.refreshToken);
  expect(rows).not.toContain(child.refreshToken);
});

it('ends the session for a rotated token after the grace period, and tells the owner once', async () => {
  const { user, session, sessionId } = await signedIn();
  await rotate(session.refreshToken);
  expect(await rotate(session.refreshToken)).toHaveProperty('refreshToken');
  await ageRotation(session.refreshToken);
  const mailsBefore = await mails();
  const answers = await Promise.allSettled(Array.from({ length: 10 }, () => rotate(session.refreshToken)));
  const codes = answers.map((answer) => answer.status === 'rejected' && codeOf(answer.reason));
  expect(codes).toContain('refresh_token_reused');
  expect(codes.filter((code) => code !== 'refresh_token_reused' && code !== 'refresh_token_invalid')).toEqual([]);
  expect(await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id: sessionId })).toMatchObject({
    userId: user.id,
    endReason: 'refresh_token_reused',
  });
  expect((await mails()) - mailsBefore).toBe(1);
  expect((await securityLogOf(auth, user)).filter((type) => type === 'refresh_token_reused')).toHaveLength(1);
});

it('refuses a suspended account and says why', async () => {
  const { user, session } = await signedIn();
  await auth.dataSource.query(
    "UPDATE users SET session_epoch = 1, suspended_at = now(), suspension_reason = 'Ticket' WHERE id = $1",
    [user.id],
  );
  await expect(rotate(session.refreshToken)).rejects.toMatchObject({ code: 'account_suspended' });
});

it('returns how many seconds the access token is valid', async () => {
  const { session } = await signedIn();
  expect((await rotate(session.refreshToken)).expiresIn).toBe(accessTokenSeconds);
});

it('leaves no valid token if it races a sign-out', async () => {
  for (let round = 0; round < 20; round++) {
    const { session, sessionId } = await signedIn();
    const [rotated] = await Promise.allSettled([rotate(session.refreshToken), auth.rpc.call(logout, { sessionId })]);
    const newest = rotated.status === 'fulfilled' ? rotated.value.refreshToken : session.refreshToken;
    await expect(rotate(newest)).rejects.toMatchObject({ code: 'refresh_token_invalid' });
  }
});

it('refuses a parent token in its grace period after the session has ended', async () => {
  const { session, sessionId } = await signedIn();
  await rotate(session.refreshToken);
  await auth.rpc.call(logout, { sessionId });
  await expect(rotate(session.refreshToken)).rejects.toMatchObject({ code: 'refresh_token_invalid' });
});

it('records where the session was last seen', async () => {
  const { session, sessionId } = await signedIn();
  const context = contextOf({ client: { ip: '203.0.113.9', userAgent: 'Netscape', deviceId: null } });
  await auth.rpc.call(refresh, { refreshToken: session.refreshToken }, { context });
  expect(await auth.dataSource.manager.findOneByOrFail(SessionRecord, { id: sessionId })).toMatchObject({
    ip: '203.0.113.9',
    userAgent: 'Netscape',
  });
});

async function mails(): Promise<number> {
  return (await auth.dataSource.query<unknown[]>("SELECT 1 FROM outbox WHERE event = 'mail.requested'")).length;
}

function codeOf(error: unknown): string {
  return error instanceof ProblemError ? error.code : String(error);
}
