import { ProblemError } from '#libs/contracts';
import { queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';

const free = `
  SELECT seat_limit IS NULL
    OR seat_limit > (SELECT count(*) FROM memberships WHERE organization_id = organizations.id) AS free
  FROM organizations WHERE id = $1`;

/**
 * An invitation has already taken the seat, unless the limit was lowered. Lock the organization first.
 * @throws ProblemError `seat_limit_reached`
 */
export async function requireSeat(manager: EntityManager, organizationId: string): Promise<void> {
  const [seat] = await queryRows(manager, free, [organizationId], z.object({ free: z.boolean() }));
  if (seat?.free !== true) throw new ProblemError('seat_limit_reached');
}
