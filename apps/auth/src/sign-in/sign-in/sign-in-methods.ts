import { ProblemError } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const row = z.object({ ways: z.int() });

/**
 * Call it after removing a sign-in method, in the same transaction. Concurrent removals wait for each other at
 * the user's row, and the count runs after that, so it sees both.
 * @throws ProblemError `last_sign_in_method`
 */
export async function requireAnotherWayIn(manager: EntityManager, userId: string): Promise<void> {
  await queryRows(manager, 'SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId], z.unknown());
  const [left] = await queryRows(
    manager,
    `SELECT ((SELECT count(*) FROM users WHERE id = $1 AND password_hash IS NOT NULL)
       + (SELECT count(*) FROM passkeys WHERE user_id = $1)
       + (SELECT count(*) FROM identities WHERE user_id = $1))::int AS ways`,
    [userId],
    row,
  );
  if (left === undefined || left.ways === 0) throw new ProblemError('last_sign_in_method');
}
