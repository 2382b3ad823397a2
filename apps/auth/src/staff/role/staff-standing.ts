import { ProblemError, type SessionActor, type StaffRole } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { liveSession } from '../../session/session/sessions.table';

const requireStandingSql = `SELECT 1 FROM sessions JOIN users ON users.id = user_id
  WHERE sessions.id = $1 AND user_id = $2 AND ${liveSession} AND second_factor AND staff_role = ANY($3)`;

/**
 * Checks the role in the database, in an open session with a second factor. The access token can be some hundred
 * milliseconds behind, and former staff must not change anything.
 * @throws ProblemError `unauthenticated`
 */
export async function requireStanding(
  manager: EntityManager,
  { userId, sessionId }: SessionActor,
  role: StaffRole,
): Promise<void> {
  const standing = await queryRows(manager, requireStandingSql, [sessionId, userId, rolesWith(role)], z.unknown());
  if (standing.length === 0) throw new ProblemError('unauthenticated');
}

/** An admin can do everything that support can. */
export function rolesWith(role: StaffRole): readonly StaffRole[] {
  return role === 'admin' ? ['admin'] : ['support', 'admin'];
}
