import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { queryPrepared } from './query';

/**
 * Row-level security reads whose rows a statement may see from three settings. Each of these sets some until its transaction
 * ends; outside of a transaction they end with their own statement, and nothing is seen. A pooled connection therefore never
 * carries one request's tenant into the next.
 */
const setTenant = {
  name: 'set-tenant',
  sql: "SELECT set_config('app.organization_id', $1, true), set_config('app.user_id', $2, true)",
  row: z.unknown(),
};
const setUser = { name: 'set-user', sql: "SELECT set_config('app.user_id', $1, true)", row: z.unknown() };
const setPlatform = { name: 'set-platform', sql: "SELECT set_config('app.platform', 'on', true)", row: z.unknown() };

/**
 * The rows of one organization, and what the person may see of their own anywhere. It proves no membership: whoever calls it
 * looks for that next.
 */
export async function asTenant(
  manager: EntityManager,
  { organizationId, userId }: { readonly organizationId: string; readonly userId: string },
): Promise<void> {
  await queryPrepared(manager, setTenant, [organizationId, userId]);
}

/** The person's own memberships, and the organizations that they are of. */
export async function asUser(manager: EntityManager, userId: string): Promise<void> {
  await queryPrepared(manager, setUser, [userId]);
}

/** The rows of all organizations: for background jobs, for platform staff, and for what is found by a secret instead of a tenant. */
export async function acrossTenants(manager: EntityManager): Promise<void> {
  await queryPrepared(manager, setPlatform, []);
}
