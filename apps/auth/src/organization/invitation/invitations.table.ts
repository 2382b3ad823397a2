import {
  invitationDays,
  invitationState,
  type Invitation,
  type InvitationState,
  type RoleReference,
} from '#libs/contracts';
import { columnsOf, execute, queryPrepared, queryRows } from '#libs/database';
import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  Unique,
  type EntityManager,
} from 'typeorm';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import type { GivenRole } from '../organization/memberships.table';
import {
  joinRolesOf,
  memberRole,
  OrganizationRole,
  roleColumnsOf,
  roleOf,
} from '../organization/organization-roles.table';
import { OrganizationRecord } from '../organization/organizations.table';

@Entity('invitations')
@Unique(['selector'])
@Check('invitations_role_check', "role IN ('owner', 'admin', 'member', 'viewer', 'custom')")
@Check('invitations_check', 'num_nonnulls(accepted_at, declined_at, revoked_at) <= 1')
@Check('invitations_check1', "(role = 'custom') = (custom_role_id IS NOT NULL)")
@ForeignKey(() => OrganizationRole, ['organizationId', 'customRoleId'], ['organizationId', 'id'], {
  deferrable: 'INITIALLY DEFERRED',
})
@Index('invitations_open_key', ['organizationId', 'email'], {
  unique: true,
  where: 'accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL',
})
@Index('invitations_organization_id_idx', ['organizationId', 'id'])
@Index('invitations_sent_at_idx', ['organizationId', 'sentAt'])
@Index('invitations_email_idx', ['email', 'sentAt'])
@Index('invitations_custom_role_idx', ['organizationId', 'customRoleId'], { where: 'custom_role_id IS NOT NULL' })
export class InvitationRecord {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => OrganizationRecord, { onDelete: 'CASCADE' }) @Column('uuid') organizationId!: string;
  @Column('text') email!: string;
  @Column('text') role!: string;
  @Column('uuid', { nullable: true }) customRoleId!: string | null;
  @ForeignKey(() => User, { onDelete: 'SET NULL' }) @Index() @Column('uuid', { nullable: true }) invitedBy!:
    | string
    | null;
  /** A placeholder until the email is sent. */
  @Column('text') selector!: string;
  /** Argon2id of the verifier's hash. Empty until the email is sent, so that no verifier matches. */
  @Column('text') verifierHash!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  @Index() @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) acceptedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) declinedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) sentAt!: Date;
  /** How many emails were requested in a row, each less than a day after the previous one. */
  @Column('int', { default: 1 }) sentCount!: number;
}

/** It was neither answered nor revoked. It can have expired. */
export const isOpen = `
  invitations.accepted_at IS NULL AND invitations.declined_at IS NULL AND invitations.revoked_at IS NULL`;
export const isPending = `${isOpen} AND invitations.expires_at > now()`;

/** An expired invitation that was revoked to make room for a new one still counts as expired. */
export const stateColumn = `
  CASE WHEN invitations.accepted_at IS NOT NULL THEN 'accepted' WHEN invitations.declined_at IS NOT NULL THEN 'declined'
    WHEN invitations.revoked_at < invitations.expires_at THEN 'revoked'
    WHEN invitations.expires_at <= now() THEN 'expired' ELSE 'pending' END AS state`;

const shown = columnsOf(InvitationRecord, ['id', 'email', 'createdAt', 'sentAt', 'expiresAt']);
const inviter = z.object({ inviterId: z.uuid().nullable(), inviterName: z.string().nullable() });
const invitation = shown.row
  .and(inviter)
  .and(z.object({ state: invitationState }))
  .and(memberRole);
export type InvitationRow = z.output<typeof invitation>;

const invitations = `
  SELECT ${shown.list}, ${stateColumn}, users.id AS "inviterId", users.name AS "inviterName", ${roleColumnsOf('invitations')}
  FROM invitations LEFT JOIN users ON users.id = invited_by ${joinRolesOf('invitations')}
  WHERE invitations.organization_id = $1`;

/** Pending invitations are few compared with ended ones, and have an index. */
const listed = `
  SELECT * FROM (${invitations} AND ($2::uuid IS NULL OR invitations.id < $2)
    AND ($3::text IS DISTINCT FROM 'pending' OR (${isPending}))) AS listed
  WHERE $3::text IS NULL OR state = $3 ORDER BY id DESC LIMIT $4`;

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

/** The link is created when the email is sent. */
export async function insertInvitations(
  manager: EntityManager,
  { organizationId, userId }: { readonly organizationId: string; readonly userId: string },
  rows: readonly (Pick<InvitationRecord, 'id' | 'email' | 'selector'> & { readonly role: GivenRole })[],
): Promise<void> {
  const sql = `
    INSERT INTO invitations (id, organization_id, email, role, custom_role_id, invited_by, selector, verifier_hash, expires_at)
    SELECT id, $1, email, role, custom_role_id, $2, selector, '', now() + make_interval(days => $3)
    FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[]) AS rows (id, email, role, custom_role_id, selector)`;
  await execute(manager, sql, [
    ...[organizationId, userId, invitationDays],
    ...[rows.map(({ id }) => id), rows.map(({ email }) => email), rows.map(({ role }) => role.role)],
    ...[rows.map(({ role }) => role.customRoleId), rows.map(({ selector }) => selector)],
  ]);
}

const revokeExpiredSql = `UPDATE invitations SET revoked_at = now()
  WHERE organization_id = $1 AND email = ANY($2) AND ${isOpen} AND expires_at <= now()`;

/** Expired invitations make room for new ones to the same email addresses. */
export async function revokeExpired(
  manager: EntityManager,
  organizationId: string,
  emails: readonly string[],
): Promise<void> {
  await execute(manager, revokeExpiredSql, [organizationId, emails]);
}

const renewInvitationSql = `UPDATE invitations
  SET selector = $3, verifier_hash = '', expires_at = now() + make_interval(days => $4), sent_at = now(),
    sent_count = CASE WHEN sent_at > now() - interval '1 day' THEN sent_count + 1 ELSE 1 END
  WHERE organization_id = $1 AND id = $2 AND ${isOpen}`;

/** @returns whether it was open */
export async function renewInvitation(
  manager: EntityManager,
  { id, organizationId, selector }: Pick<InvitationRecord, 'id' | 'organizationId' | 'selector'>,
): Promise<boolean> {
  return (await execute(manager, renewInvitationSql, [organizationId, id, selector, invitationDays])) === 1;
}

const revokePendingSql = `UPDATE invitations SET revoked_at = now()
  WHERE organization_id = $1 AND id = $2 AND ${isPending} RETURNING email`;

/** @returns its email address; undefined if it was not pending */
export async function revokePending(
  manager: EntityManager,
  organizationId: string,
  id: string,
): Promise<{ email: string } | undefined> {
  return (await queryRows(manager, revokePendingSql, [organizationId, id], z.object({ email: z.string() })))[0];
}

const setLinkSql = `UPDATE invitations SET selector = $3, verifier_hash = $4 WHERE id = $1 AND selector = $2 AND ${isPending}`;

/**
 * Stores the token of the emailed link.
 * @returns whether the invitation was pending and was not sent again in between
 */
export async function setLink(
  manager: EntityManager,
  { id, selector }: Pick<InvitationRecord, 'id' | 'selector'>,
  link: Pick<InvitationRecord, 'selector' | 'verifierHash'>,
): Promise<boolean> {
  return (await execute(manager, setLinkSql, [id, selector, link.selector, link.verifierHash])) === 1;
}

const given = columnsOf(InvitationRecord, ['role', 'customRoleId']);

/**
 * Only one of two concurrent answers succeeds.
 * @returns the role of the invitation; undefined if it was not pending
 */
export async function answerInvitation(
  manager: EntityManager,
  { organizationId, id, selector }: Pick<InvitationRecord, 'organizationId' | 'id' | 'selector'>,
  column: 'accepted_at' | 'declined_at',
): Promise<GivenRole | undefined> {
  const sql = answers[column];
  return (await queryRows(manager, sql, [organizationId, id, selector], given.row))[0];
}

const answerWith = (column: string) => `UPDATE invitations SET ${column} = now()
  WHERE organization_id = $1 AND id = $2 AND selector = $3 AND ${isPending} RETURNING ${given.list}`;
const answers = { accepted_at: answerWith('accepted_at'), declined_at: answerWith('declined_at') };

/** Ended invitations no longer need the role. If one is renewed, it gets the role with the fewest permissions. */
export async function forgetRole(manager: EntityManager, organizationId: string, roleId: string): Promise<void> {
  const ofRole = { organizationId, customRoleId: roleId };
  await manager.update(InvitationRecord, ofRole, { role: 'viewer', customRoleId: null });
}
