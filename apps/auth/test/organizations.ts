import { createOrganization, type BuiltInRole, type Organization, type Permission } from '#libs/contracts';
import { acrossTenants, newId } from '#libs/database';
import { eventually } from '#libs/testing';
import type { User } from '../src/account/user/users.table';
import { as, outcome } from './as';
import type { TestAuth } from './auth';

/** Across tenants, like a background job. */
export function everywhere(
  { dataSource }: TestAuth,
  sql: string,
  parameters: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  return dataSource.transaction(async (manager) => {
    await acrossTenants(manager);
    return manager.query<Record<string, unknown>[]>(sql, parameters);
  });
}

/** An organization and its owner. */
export async function anOrganization(
  auth: TestAuth,
  name = 'Acme',
): Promise<{ owner: User; organization: Organization }> {
  const owner = await auth.aUser();
  return { owner, organization: await auth.rpc.call(createOrganization, { name }, as(owner)) };
}

/** @param role a built-in role, or the id of a custom one */
export async function join(
  auth: TestAuth,
  organizationId: string,
  role: BuiltInRole | { readonly customRoleId: string },
  user?: User,
): Promise<User> {
  const member = user ?? (await auth.aUser());
  const [name, customRoleId] = typeof role === 'string' ? [role, null] : ['custom', role.customRoleId];
  const sql = 'INSERT INTO memberships (organization_id, user_id, role, custom_role_id) VALUES ($1, $2, $3, $4)';
  await everywhere(auth, sql, [organizationId, member.id, name, customRoleId]);
  return member;
}

export async function aCustomRole(
  auth: TestAuth,
  organizationId: string,
  permissions: readonly Permission[],
  name = `Role ${newId()}`,
): Promise<{ customRoleId: string }> {
  const customRoleId = newId();
  const sql = 'INSERT INTO organization_roles (id, organization_id, name, permissions) VALUES ($1, $2, $3, $4)';
  await everywhere(auth, sql, [customRoleId, organizationId, name, permissions]);
  return { customRoleId };
}

/**
 * Starts all calls, waits until they queue at the organization's lock, and lets them run in that order. Whatever
 * a call reads before the lock has then been read by all. Returns how they ended, in order.
 * @param meanwhile runs while all of them wait
 */
export async function atOnce(
  { dataSource }: TestAuth,
  { id }: Pick<Organization, 'id'>,
  calls: readonly (() => Promise<unknown>)[],
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  // Asks outside the transaction, where the view would not change.
  const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  await acrossTenants(runner.manager);
  await runner.manager.query('SELECT 1 FROM organizations WHERE id = $1 FOR UPDATE', [id]);
  const ends: Promise<string>[] = [];
  try {
    for (const call of calls) {
      ends.push(outcome(call()));
      await eventually(async () => (await dataSource.query<unknown[]>(waiting)).length === ends.length);
    }
    await meanwhile();
  } finally {
    await runner.commitTransaction();
    await runner.release();
  }
  return Promise.all(ends);
}
