import { execute, newId, queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { VerifiedIdentity } from '../oidc/claims';

export const mostIdentities = 10;

const owned = z.object({ userId: z.uuid() });

/** Notes that the identity was used, and what its issuer says of its address by now. @returns whose it is here */
export async function useIdentity(
  manager: EntityManager,
  { issuer, subject, email }: VerifiedIdentity,
): Promise<string | undefined> {
  const [known] = await queryRows(
    manager,
    `UPDATE identities SET last_used_at = now(), email = $3 WHERE issuer = $1 AND subject = $2 RETURNING user_id AS "userId"`,
    [issuer, subject, email],
    owned,
  );
  return known?.userId;
}

/** Whose the identity is here. It locks nothing: who links holds the person's row, which a sign-in waits for with the identity's in hand. */
export async function ownerOfIdentity(
  manager: EntityManager,
  { issuer, subject }: VerifiedIdentity,
): Promise<string | undefined> {
  const sql = 'SELECT user_id AS "userId" FROM identities WHERE issuer = $1 AND subject = $2';
  return (await queryRows(manager, sql, [issuer, subject], owned))[0]?.userId;
}

/** @returns false when it belongs to somebody already: of two that add it at once, one gets true */
export async function addIdentity(
  manager: EntityManager,
  userId: string,
  provider: string,
  { issuer, subject, email }: VerifiedIdentity,
): Promise<boolean> {
  const added = await execute(
    manager,
    `INSERT INTO identities (id, user_id, provider, issuer, subject, email) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (issuer, subject) DO NOTHING`,
    [newId(), userId, provider, issuer, subject, email],
  );
  return added === 1;
}

export async function hasIdentityAt(manager: EntityManager, userId: string, provider: string): Promise<boolean> {
  const sql = 'SELECT 1 FROM identities WHERE user_id = $1 AND provider = $2 LIMIT 1';
  return (await queryRows(manager, sql, [userId, provider], z.unknown())).length === 1;
}

export async function countIdentities(manager: EntityManager, userId: string): Promise<number> {
  const sql = 'SELECT count(*)::int AS count FROM identities WHERE user_id = $1';
  const [counted] = await queryRows(manager, sql, [userId], z.object({ count: z.int() }));
  return counted?.count ?? 0;
}
