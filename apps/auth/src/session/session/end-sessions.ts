import { accessTokenSeconds, sessionRevoked, sessionsRevoked } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { Outbox } from '#libs/jobs';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { passEpoch, sessionEnd, type SessionEndReason } from './sessions.table';

/** Clocks differ, and a token may be signed a moment after its session was read: revocations are kept this much longer. */
export const clockLeewaySeconds = 60;

/**
 * Ends sessions and announces it to those who verify access tokens locally, in the caller's transaction.
 * @returns those that were open: of two that end one at once, one gets it
 */
export async function endSessions(
  manager: EntityManager,
  outbox: Outbox,
  end: (typeof sessionEnd)[keyof typeof sessionEnd],
  parameters: readonly [SessionEndReason, ...unknown[]],
): Promise<string[]> {
  const ended = await queryRows(manager, end, parameters, z.object({ id: z.uuid() }));
  const accessTokensExpireAt = lastExpiry();
  for (const { id: sessionId } of ended) {
    await outbox.add(manager, sessionRevoked, { sessionId, accessTokensExpireAt });
  }
  return ended.map(({ id }) => id);
}

const idsPerEvent = 1_000;

/** Announces many sessions with few events, in the transaction that ended them. */
export async function announceRevoked(
  manager: EntityManager,
  outbox: Outbox,
  sessionIds: readonly string[],
): Promise<void> {
  const accessTokensExpireAt = lastExpiry();
  for (let start = 0; start < sessionIds.length; start += idsPerEvent) {
    const ids = sessionIds.slice(start, start + idsPerEvent);
    await outbox.add(manager, sessionsRevoked, { sessionIds: ids, accessTokensExpireAt });
  }
}

function lastExpiry(): string {
  return new Date(Date.now() + (accessTokenSeconds + clockLeewaySeconds) * 1_000).toISOString();
}

/**
 * Ends every session of a user but perhaps one, those too that are being started at this moment, and that one goes on; and
 * every session in which the user acts as somebody else.
 * @returns how many were open
 */
export async function endAllSessions(
  manager: EntityManager,
  outbox: Outbox,
  userId: string,
  reason: SessionEndReason,
  but?: string,
): Promise<number> {
  await passEpoch(manager, userId, but);
  return (await endSessions(manager, outbox, sessionEnd.allOfUserBut, [reason, userId, but])).length;
}
