import type { DataSource, EntityManager } from 'typeorm';
import { z } from 'zod';
import { queryPrepared } from './query';

/**
 * Row-level security reads three settings. Each function sets some of them until the end of its
 * transaction, so a pooled connection never carries a tenant into the next request. Outside a transaction
 * they end with their own statement, and no rows are visible.
 */
const setTenant = {
  name: 'set-tenant',
  sql: "SELECT set_config('app.organization_id', $1, true), set_config('app.user_id', $2, true)",
  row: z.unknown(),
};
const setUser = { name: 'set-user', sql: "SELECT set_config('app.user_id', $1, true)", row: z.unknown() };
const setPlatform = { name: 'set-platform', sql: "SELECT set_config('app.platform', 'on', true)", row: z.unknown() };

/**
 * Shows the rows of one organization and the user's own rows in all organizations. It does not prove
 * membership: the caller must check that next.
 */
export async function asTenant(
  manager: EntityManager,
  { organizationId, userId }: { readonly organizationId: string; readonly userId: string },
): Promise<void> {
  await queryPrepared(manager, setTenant, [organizationId, userId]);
}

/** Shows the user's own memberships and their organizations. */
export async function asUser(manager: EntityManager, userId: string): Promise<void> {
  await queryPrepared(manager, setUser, [userId]);
}

/**
 * Shows the rows of all organizations: for background jobs, platform staff, and lookups by a secret
 * instead of a tenant.
 */
export async function acrossTenants(manager: EntityManager): Promise<void> {
  await queryPrepared(manager, setPlatform, []);
}

/** Runs a transaction that sees the rows of all organizations. */
export function transactAcrossTenants<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
): Promise<T> {
  return dataSource.transaction(async (manager) => {
    await acrossTenants(manager);
    return work(manager);
  });
}
