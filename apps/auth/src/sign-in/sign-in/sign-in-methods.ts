import { ProblemError } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const row = z.object({ ways: z.int() });

/**
 * After a way to sign in was removed, in the same transaction: refuses, when it was the last one. Removals at once wait for
 * each other at the person's row; the ways are counted by a statement after that, which sees what the other one removed.
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
