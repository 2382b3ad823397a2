import { columnsOf, execute, queryPrepared, queryRows } from '#libs/database';
import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { account, raiseEpoch, User, type Account } from '../../account/user/users.table';
import { insertEvent } from '../../audit/security-log/security-events.table';
import type { SessionFacts } from '../access-token/access-token.service';
import { insertToken } from './refresh-tokens.table';

export type SessionEndReason =
  | 'logout'
  | 'refresh_token_reused'
  | 'revoked'
  | 'password_changed'
  | 'password_reset'
  | 'email_change_undone'
  | 'staff_role_changed'
  | 'suspended'
  | 'signed_out_by_staff'
  | 'revoked_by_operator';

/** One sign-in on one device, with the chain of refresh tokens that continues it. */
@Entity('sessions')
@Index('sessions_seen_idx', ['userId', 'ip'])
@Index(['userId'], { where: 'ended_at IS NULL' })
@Index(['impersonatorId'], { where: 'impersonator_id IS NOT NULL' })
@Index(['impersonatorSessionId'], { where: 'impersonator_session_id IS NOT NULL' })
export class SessionRecord {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid') userId!: string;
  /** The user's session epoch at sign-in. The session is live only while the user still has this epoch. */
  @Column('int', { default: 0 }) epoch!: number;
  @Column('text') ip!: string;
  @Column('text') userAgent!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  /** When the user last proved their identity in this session. */
  @Column('timestamptz', { default: () => 'now()' }) authenticatedAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastSeenAt!: Date;
  /** The absolute end. No refresh extends it. */
  @Index() @Column('timestamptz') expiresAt!: Date;
  /** Whether the user signed in with two factors. Staff need this for everything. */
  @Column('boolean', { default: false }) secondFactor!: boolean;
  /** The staff member who impersonates the user, and from which session. If either ends, this one ends too. */
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid', { nullable: true }) impersonatorId!: string | null;
  @ForeignKey('sessions', { onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  impersonatorSessionId!: string | null;
  /** Whether the impersonation is read-only. */
  @Column('boolean', { default: false }) readOnly!: boolean;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
  @Column('text', { nullable: true }) endReason!: SessionEndReason | null;
}

/** It was not ended and has not expired. */
export const openSession = 'sessions.ended_at IS NULL AND sessions.expires_at > now()';
/** It is open, and the user's sessions were not all ended since it started. Nothing else makes a session valid. */
const liveSince = (epoch: string) => `${openSession} AND sessions.epoch = ${epoch}`;
/** For a statement that joins `users`. */
export const liveSession = liveSince('users.session_epoch');

const facts = columnsOf(SessionRecord, [
  ...(['authenticatedAt', 'expiresAt', 'secondFactor', 'impersonatorId', 'readOnly'] as const),
]);

const bySession = {
  name: 'account-by-session',
  sql: `SELECT ${account.list}, ${facts.list} FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = $1`,
  row: account.row.and(facts.row),
};

/** The user of the session, with what its tokens say. */
export async function accountBySession(
  manager: EntityManager,
  sessionId: string,
): Promise<(Account & SessionFacts) | undefined> {
  return (await queryPrepared(manager, bySession, [sessionId]))[0];
}

const times = columnsOf(SessionRecord, ['authenticatedAt', 'expiresAt'], 'session');

/**
 * One statement, so that a sign-in needs no transaction: creates the session, its refresh token and its security
 * event, and forgives the attempts. It locks the user against whatever ends all sessions at once.
 */
export const startSession = {
  name: 'start-session',
  sql: `
    WITH person AS (
      SELECT id FROM users WHERE id = $2 AND session_epoch = $3 FOR SHARE
    ), session AS (
      INSERT INTO sessions (id, user_id, epoch, ip, user_agent, last_seen_at, authenticated_at, expires_at, second_factor)
      SELECT $1, id, $3, $4, $5, now(), least($15::timestamptz, now()), now() + make_interval(secs => $6), $14 FROM person
      RETURNING id, user_id, authenticated_at, expires_at
    ), token AS (
      ${insertToken('$7, id, now() + make_interval(secs => $8)', 'session')}
    ), event AS (
      ${insertEvent('$9, user_id, $10, $4, $5, $11, $12', 'session')}
    ), attempts AS (
      DELETE FROM sign_in_attempts WHERE id = $13
    )
    SELECT ${times.list} FROM session`,
  row: times.row,
};

/**
 * Requires a live session of staff, and locks it. When that session or the staff role ends, the impersonation
 * ends. The refresh token expires with the session.
 */
const startImpersonation = `
  WITH staff AS (
    SELECT sessions.id AS session_id, users.id, authenticated_at FROM sessions JOIN users ON users.id = user_id
    WHERE sessions.id = $2 AND user_id = $3 AND ${liveSession} AND second_factor AND staff_role = ANY($4)
    FOR SHARE OF users, sessions
  ), session AS (
    INSERT INTO sessions (id, user_id, epoch, ip, user_agent, last_seen_at, authenticated_at, expires_at, impersonator_id,
      impersonator_session_id, read_only)
    SELECT $1, person.id, person.session_epoch, $5, $6, now(), staff.authenticated_at, now() + make_interval(secs => $7),
      staff.id, staff.session_id, $8
    FROM staff, users person WHERE person.id = $9
    RETURNING id, authenticated_at, expires_at
  ), token AS (
    ${insertToken('$10, id, expires_at', 'session')}
  )
  SELECT ${times.list} FROM session`;

/** @returns undefined if the staff member's session is not live or lacks the role */
export async function insertImpersonation(
  manager: EntityManager,
  parameters: readonly unknown[],
): Promise<Pick<SessionRecord, 'authenticatedAt' | 'expiresAt'> | undefined> {
  return (await queryRows(manager, startImpersonation, parameters, times.row))[0];
}

/**
 * A statement that records the use of a live session. $1 is the hash of its refresh token; $4 and $5 are the
 * client.
 */
export const touchSession = `
  UPDATE sessions SET last_seen_at = now(), ip = COALESCE($4, sessions.ip), user_agent = COALESCE($5, sessions.user_agent)
  FROM refresh_tokens token, users
  WHERE token.hash = $1 AND token.rotated_at IS NULL AND token.expires_at > now()
    AND sessions.id = token.session_id AND users.id = sessions.user_id AND ${liveSession}
  RETURNING sessions.id`;

const renewed = columnsOf(SessionRecord, ['authenticatedAt', 'expiresAt', 'secondFactor']);

const renewSessionSql = `UPDATE sessions SET last_seen_at = now(),
    authenticated_at = greatest(authenticated_at, least($4::timestamptz, now()))
  WHERE id = $1 AND user_id = $2 AND ${liveSince('$3')} AND impersonator_id IS NULL
  RETURNING ${renewed.list}`;

/** The session counts as signed in at `provedAt`, or now. Returns undefined unless it is live and the user's own. */
export async function renewSession(
  manager: EntityManager,
  { id, sessionEpoch }: Pick<User, 'id' | 'sessionEpoch'>,
  sessionId: string,
  provedAt: Date | undefined,
): Promise<z.output<typeof renewed.row> | undefined> {
  return (await queryRows(manager, renewSessionSql, [sessionId, id, sessionEpoch, provedAt], renewed.row))[0];
}

const end = (condition: string) => `
  UPDATE sessions SET ended_at = now(), end_reason = $1 WHERE ended_at IS NULL AND (${condition}) RETURNING id`;

/** Statements that end sessions and the impersonations from them. Parameters: a reason, then ids. */
export const sessionEnd = {
  one: end('id = $2 OR impersonator_session_id = $2'),
  oneOfUser: end('(id = $2 AND user_id = $3) OR (impersonator_session_id = $2 AND impersonator_id = $3)'),
  allOfUserBut: end('(user_id = $2 AND id IS DISTINCT FROM $3) OR impersonator_id = $2'),
};

const passEpochSql = `WITH person AS (${raiseEpoch('$1')})
  UPDATE sessions SET epoch = person.session_epoch FROM person WHERE sessions.id = $2 AND user_id = $1`;

/** Makes every session of a user stale except one, including sessions that are starting right now. */
export async function passEpoch(manager: EntityManager, userId: string, but: string | undefined): Promise<void> {
  await execute(manager, passEpochSql, [userId, but]);
}

const ended = columnsOf(SessionRecord, ['id', 'userId', 'impersonatorId']);

const endSessionsOfSql = `UPDATE sessions SET ended_at = now(), end_reason = 'revoked_by_operator'
  WHERE ended_at IS NULL AND user_id = ANY($1)
  RETURNING ${ended.list}, last_seen_at > now() - make_interval(secs => $2) AS "inUse"`;

/**
 * Ends all sessions of many users.
 * @param inUseSeconds a session that was seen since then may have a valid access token
 */
export function endSessionsOf(manager: EntityManager, userIds: readonly string[], inUseSeconds: number) {
  return queryRows(manager, endSessionsOfSql, [userIds, inUseSeconds], ended.row.and(z.object({ inUse: z.boolean() })));
}
