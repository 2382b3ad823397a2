import { beginTotp, confirmTotp, type RequestContext } from '#libs/contracts';
import { hashToken } from '#libs/encryption';
import type { User } from '../src/account/user/users.table';
import { RefreshToken } from '../src/session/session/refresh-tokens.table';
import { totpCodeAt } from '../src/sign-in/totp/totp';
import { actorOf, contextOf, type TestAuth } from './auth';

export const aClient = (changes: Partial<NonNullable<RequestContext['client']>> = {}) => ({
  ip: '203.0.113.9',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  deviceId: null,
  ...changes,
});

/** The options of a call by a user who has just signed in. */
export function as(user: User, sessionId?: string) {
  return { context: contextOf({ actor: actorOf(user, sessionId), client: aClient() }) };
}

/** A user with an open session, and the options of their calls. */
export async function signedIn(auth: TestAuth, changes: Partial<User> = {}) {
  const user = await auth.aUser(changes);
  const session = await auth.aSession(user);
  const sessionId = await sessionIdOf(auth, session.refreshToken);
  return { user, session, sessionId, me: as(user, sessionId) };
}

/**
 * A user with an authenticator app. `code` is the unused code of the next time step, which stays valid for one
 * step.
 */
export async function withApp(auth: TestAuth) {
  const person = await signedIn(auth);
  const { secret } = await auth.rpc.call(beginTotp, {}, person.me);
  const enrolledAt = Date.now();
  const codeAfter = (steps: number) => totpCodeAt(secret, enrolledAt + steps * 30_000);
  const { recoveryCodes } = await auth.rpc.call(confirmTotp, { code: codeAfter(0) }, person.me);
  return { ...person, codeAfter, code: codeAfter(1), recoveryCodes };
}

export async function sessionIdOf({ dataSource }: TestAuth, refreshToken: string): Promise<string> {
  const { sessionId } = await dataSource.manager.findOneByOrFail(RefreshToken, { hash: hashToken(refreshToken) });
  return sessionId;
}

/** The security log of an account, newest first. */
export async function securityLogOf({ dataSource }: TestAuth, { id }: User): Promise<string[]> {
  const rows: { type: string }[] = await dataSource.query(
    'SELECT type FROM security_events WHERE user_id = $1 ORDER BY id DESC',
    [id],
  );
  return rows.map(({ type }) => type);
}

/** How a call ends: `ok`, or the code of its problem. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

export async function outcomes(calls: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.all(calls.map(outcome))).toSorted();
}
