import { invitationState, type Invitation, type InvitationState, type RoleReference } from '#libs/contracts';
import { queryPrepared, queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { memberRole, roleOf } from '../organization/organizations';

/** Nobody has answered it, and nobody has taken it back. It may have expired. */
export const isOpen = `
  invitations.accepted_at IS NULL AND invitations.declined_at IS NULL AND invitations.revoked_at IS NULL`;
export const isPending = `${isOpen} AND invitations.expires_at > now()`;

/** An expired one that made place for another was revoked after its time: it stays expired. */
export const stateColumn = `
  CASE WHEN invitations.accepted_at IS NOT NULL THEN 'accepted' WHEN invitations.declined_at IS NOT NULL THEN 'declined'
    WHEN invitations.revoked_at < invitations.expires_at THEN 'revoked'
    WHEN invitations.expires_at <= now() THEN 'expired' ELSE 'pending' END AS state`;

export const invitedRoleColumns = `
  invitations.role, custom_role_id AS "customRoleId", organization_roles.name AS "customRoleName",
  organization_roles.permissions AS "customPermissions"`;

export const joinInvitedRoles = `LEFT JOIN organization_roles
  ON organization_roles.organization_id = invitations.organization_id AND organization_roles.id = custom_role_id`;

const invitation = z
  .object({
    id: z.uuid(),
    email: z.string(),
    state: invitationState,
    inviterId: z.uuid().nullable(),
    inviterName: z.string().nullable(),
    createdAt: z.date(),
    sentAt: z.date(),
    expiresAt: z.date(),
  })
  .and(memberRole);
export type InvitationRow = z.output<typeof invitation>;

const invitations = `
  SELECT invitations.id, invitations.email, ${stateColumn}, users.id AS "inviterId", users.name AS "inviterName",
    invitations.created_at AS "createdAt", invitations.sent_at AS "sentAt", invitations.expires_at AS "expiresAt", ${invitedRoleColumns}
  FROM invitations LEFT JOIN users ON users.id = invited_by ${joinInvitedRoles}
  WHERE invitations.organization_id = $1`;

/** Pending ones are few beside those that are over, and have an index. */
const listed = `
  SELECT * FROM (${invitations} AND ($2::uuid IS NULL OR invitations.id < $2)
    AND ($3::text IS DISTINCT FROM 'pending' OR (${isPending}))) AS listed
  WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4`;

/** @param after the invitation that the page before ended with */
export function invitationsOf(
  manager: EntityManager,
  organizationId: string,
  {
    after,
    state,
    limit,
  }: { readonly after: string | null; readonly state: InvitationState | null; readonly limit: number },
): Promise<InvitationRow[]> {
  return queryRows(manager, listed, [organizationId, after, state, limit], invitation);
}

const one = { name: 'invitation', sql: `${invitations} AND invitations.id = $2`, row: invitation };

export async function invitationOf(
  manager: EntityManager,
  organizationId: string,
  id: string,
): Promise<InvitationRow | undefined> {
  return (await queryPrepared(manager, one, [organizationId, id]))[0];
}

const several = `${invitations} AND invitations.id = ANY($2)`;

export function invitationsById(
  manager: EntityManager,
  organizationId: string,
  ids: readonly string[],
): Promise<InvitationRow[]> {
  return queryRows(manager, several, [organizationId, ids], invitation);
}

export function roleOfInvitation(row: InvitationRow): RoleReference {
  return roleOf(row).reference;
}

export function viewOf(row: InvitationRow): Invitation {
  const { id, email, state, inviterId, inviterName } = row;
  const role = roleOf(row);
  return {
    id,
    email,
    role: role.reference,
    roleName: role.name,
    state,
    invitedBy: inviterId === null || inviterName === null ? null : { userId: inviterId, name: inviterName },
    createdAt: row.createdAt.toISOString(),
    sentAt: row.sentAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
  };
}
