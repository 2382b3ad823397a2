import type { SessionActor } from '#libs/contracts';
import type { JWTPayload } from 'jose';
import { signedIn } from './as';
import { actorOf } from './auth';
import { tokens } from './hostile-issuer';
import { aPerson, type TestOauth } from './oauth';

export const makeOld = (oauth: TestOauth, sessionId: string) =>
  oauth.auth.dataSource.query("UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE id = $1", [
    sessionId,
  ]);

export async function isOld(oauth: TestOauth, sessionId: string): Promise<boolean> {
  const sql = "SELECT authenticated_at < now() - interval '59 minutes' AS old FROM sessions WHERE id = $1";
  const [session] = await oauth.auth.dataSource.query<{ old: boolean }[]>(sql, [sessionId]);
  return session?.old === true;
}

/** A user who can sign in only with an identity, and who did so an hour ago. */
export async function anHourLater(oauth: TestOauth, provider = 'acme') {
  const person = aPerson();
  if (provider === 'hostile') answerHostile(oauth, person.sub);
  const { user, sessionId, session } = await signedIn(oauth.auth, { passwordHash: null });
  await oauth.link(user, provider, person);
  await makeOld(oauth, sessionId);
  const now = actorOf(user, sessionId);
  const actor: SessionActor = { ...now, authenticatedAt: now.authenticatedAt - 3_600 };
  return { user, sessionId, session, person, actor };
}

export function answerHostile(oauth: TestOauth, sub: string, changes: JWTPayload = {}): void {
  oauth.hostile.answer = async (claims, issuer) => tokens(await issuer.sign({ ...claims, sub, ...changes }));
}

export const comeBack = async (
  oauth: TestOauth,
  { actor, person }: Awaited<ReturnType<typeof anHourLater>>,
  changes = {},
) => oauth.visit(await oauth.beginStepUp(actor, 'acme', changes), person);
