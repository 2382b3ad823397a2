import { ProblemError, type SessionActor } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { accountById, type Account } from '../../account/user/users.table';
import { liveSession } from './sessions.table';

const lockSessionOwnerSql = `SELECT 1 FROM sessions JOIN users ON users.id = user_id
  WHERE sessions.id = $1 AND user_id = $2 AND ${liveSession}
  FOR NO KEY UPDATE OF users, sessions`;

/**
 * The person whose open session this is, with their row locked until the transaction ends. Access tokens live on for a moment
 * after their session has ended: what outlasts a session (a factor, a key, an address) is not to be made by one that has. Whatever
 * ends all sessions at once waits for this, or this sees that it has. Foreign keys do not wait: whatever ends one session locks that first, and
 * then, by its line in the security log, the person.
 * @throws ProblemError `unauthenticated`
 */
export async function lockSessionOwner(
  manager: EntityManager,
  { userId, sessionId }: Pick<SessionActor, 'userId' | 'sessionId'>,
): Promise<Account> {
  const open = await queryRows(manager, lockSessionOwnerSql, [sessionId, userId], z.unknown());
  const owner = open.length === 0 ? undefined : await accountById(manager, userId);
  if (owner === undefined) throw new ProblemError('unauthenticated');
  return owner;
}

const ownerOfLive = `
  SELECT users.id FROM sessions JOIN users ON users.id = user_id
  WHERE sessions.id = $1 AND ${liveSession}`;
const ownerOfLiveLocked = `${ownerOfLive} FOR NO KEY UPDATE OF users`;

/**
 * Whose open session this is, for a request that has no actor.
 * @param how `lock`: their row, until the transaction ends
 */
export async function ownerOfOpenSession(
  manager: EntityManager,
  sessionId: string,
  how: 'read' | 'lock',
): Promise<Account | undefined> {
  const sql = how === 'lock' ? ownerOfLiveLocked : ownerOfLive;
  const [owner] = await queryRows(manager, sql, [sessionId], z.object({ id: z.uuid() }));
  return owner === undefined ? undefined : accountById(manager, owner.id);
}
