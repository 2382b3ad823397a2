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
 * Returns the user of an open session, and locks both until the transaction ends. Access tokens outlive their
 * session briefly, so an ended session must not create credentials. Whatever ends sessions waits for this lock,
 * or this sees that it has.
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
 * Returns the user of an open session, for a request without an actor.
 * @param how `lock` locks the user until the transaction ends
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
