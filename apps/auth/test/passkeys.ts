import { addPasskey, beginPasskey, type Passkey } from '#libs/contracts';
import type { User } from '../src/account/user/users.table';
import { as } from './as';
import { publicUrl, type TestAuth } from './auth';
import { TestAuthenticator } from './authenticator';

export async function enrol(
  auth: TestAuth,
  user: User,
  { name = 'Phone', authenticator = new TestAuthenticator(publicUrl) } = {},
): Promise<{ passkey: Passkey; authenticator: TestAuthenticator }> {
  const options = await auth.rpc.call(beginPasskey, {}, as(user));
  const response = authenticator.create(options);
  return { passkey: await auth.rpc.call(addPasskey, { name, response }, as(user)), authenticator };
}

/** The details of the account's events of that type, oldest first. */
export async function eventsOf(auth: TestAuth, user: User, type: string): Promise<unknown[]> {
  const sql = 'SELECT details FROM security_events WHERE user_id = $1 AND type = $2 ORDER BY id';
  const rows = await auth.dataSource.query<{ details: unknown }[]>(sql, [user.id, type]);
  return rows.map(({ details }) => details);
}

/** Without the open session that every test user has. */
export async function sessionsOf(auth: TestAuth, user: User): Promise<number> {
  return (
    await auth.dataSource.query<unknown[]>('SELECT 1 FROM sessions WHERE user_id = $1 AND id <> user_id', [user.id])
  ).length;
}

export async function expireChallenges(auth: TestAuth): Promise<void> {
  await auth.dataSource.query("UPDATE webauthn_challenges SET expires_at = now() - interval '1 second'");
}
