import { accessTokenSeconds, sessionRevoked, sessionsRevoked } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { Outbox } from '#libs/jobs';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { passEpoch, sessionEnd, type SessionEndReason } from './sessions.table';

/**
 * Clocks differ, and a token can be signed just after its session was read, so revocations are kept this much
 * longer.
 */
export const clockLeewaySeconds = 60;

/**
 * Ends sessions and announces it to services that verify access tokens, in the caller's transaction.
 * @returns the sessions that were open; only one of two concurrent calls gets each
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
 * Ends every session of a user except one, including sessions that are starting right now and impersonations by
 * the user.
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
