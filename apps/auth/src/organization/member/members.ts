import { ProblemError } from '#libs/contracts';
import { columnsOf, queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import { deleteMembership } from '../organization/memberships.table';
import type { Tenant } from '../organization/organization-access';
import { joinRolesOf, memberRole, roleColumnsOf } from '../organization/organization-roles.table';
import { deleteTransferOf } from '../ownership-transfer/ownership-transfers.table';

const person = columnsOf(User, ['id', 'name', 'email', 'avatarUrl', 'avatarObject']);
const memberRow = person.row.and(z.object({ joinedAt: z.date() })).and(memberRole);
export type MemberRow = z.output<typeof memberRow>;

const columns = `${person.list}, memberships.created_at AS "joinedAt", ${roleColumnsOf('memberships')}`;
const joinRoles = joinRolesOf('memberships');

const one = `
  SELECT ${columns} FROM memberships JOIN users ON users.id = user_id ${joinRoles}
  WHERE memberships.organization_id = $1 AND user_id = $2`;

/**
 * The page is cut before users are joined, so that no plan walks through all accounts up to the cursor. The outer
 * condition on the organization keeps the join from reading the custom roles of all organizations.
 */
const page = `
  SELECT ${columns}
  FROM (
    SELECT * FROM memberships WHERE organization_id = $1 AND ($2::uuid IS NULL OR user_id < $2)
    ORDER BY user_id DESC LIMIT $3
  ) AS memberships JOIN users ON users.id = user_id ${joinRoles}
  WHERE memberships.organization_id = $1 ORDER BY user_id DESC`;

export function membersOf(
  manager: EntityManager,
  organizationId: string,
  after: string | null,
  limit: number,
): Promise<MemberRow[]> {
  return queryRows(manager, page, [organizationId, after, limit], memberRow);
}

/** @throws ProblemError `not_found` */
export async function memberOf({ manager, organizationId }: Tenant, userId: string): Promise<MemberRow> {
  const [found] = await queryRows(manager, one, [organizationId, userId], memberRow);
  if (found === undefined) throw new ProblemError('not_found');
  return found;
}

/**
 * Lock the organization first, so that of two owners who leave at once one remains.
 * @throws ProblemError `last_owner`
 */
export async function requireAnotherOwner({ manager, organizationId }: Tenant, userId: string): Promise<void> {
  const sql = `SELECT 1 FROM memberships WHERE organization_id = $1 AND role = 'owner' AND user_id <> $2 LIMIT 1`;
  const [another] = await queryRows(manager, sql, [organizationId, userId], z.unknown());
  if (another === undefined) throw new ProblemError('last_owner');
}

/** Ownership offers by or to a member end with the membership. */
export async function endMembership({ manager, organizationId }: Tenant, userId: string): Promise<void> {
  await deleteTransferOf(manager, organizationId, userId);
  await deleteMembership(manager, { organizationId, userId });
}
