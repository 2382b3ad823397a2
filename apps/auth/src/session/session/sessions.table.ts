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

/** One sign-in on one device, and the family of refresh tokens that continues it. */
@Entity('sessions')
@Index('sessions_seen_idx', ['userId', 'ip'])
@Index(['userId'], { where: 'ended_at IS NULL' })
@Index(['impersonatorId'], { where: 'impersonator_id IS NOT NULL' })
@Index(['impersonatorSessionId'], { where: 'impersonator_session_id IS NOT NULL' })
export class SessionRecord {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid') userId!: string;
  /** The user's session epoch at sign-in: the session lives only while it still is the user's. */
  @Column('int', { default: 0 }) epoch!: number;
  @Column('text') ip!: string;
  @Column('text') userAgent!: string;
  @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
  /** When the person last proved who they are in this session. */
  @Column('timestamptz', { default: () => 'now()' }) authenticatedAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastSeenAt!: Date;
  /** The absolute end: no refresh extends it. */
  @Index() @Column('timestamptz') expiresAt!: Date;
  /** Whether it was signed in with two factors: staff may do nothing without. */
  @Column('boolean', { default: false }) secondFactor!: boolean;
  /** Who of the staff acts as the person, from which session of theirs; with those this one ends. */
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid', { nullable: true }) impersonatorId!: string | null;
  @ForeignKey('sessions', { onDelete: 'CASCADE' })
  @Column('uuid', { nullable: true })
  impersonatorSessionId!: string | null;
  /** Whether that one may only look. */
  @Column('boolean', { default: false }) readOnly!: boolean;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
  @Column('text', { nullable: true }) endReason!: SessionEndReason | null;
}

/** Nobody has ended it, and its time is not over. */
export const openSession = 'sessions.ended_at IS NULL AND sessions.expires_at > now()';
/** It is open, and the sessions of its user were not all ended since it began. Nothing else makes a session good. */
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

/** The session's person, with what its tokens say. */
export async function accountBySession(
  manager: EntityManager,
  sessionId: string,
): Promise<(Account & SessionFacts) | undefined> {
  return (await queryPrepared(manager, bySession, [sessionId]))[0];
}

const times = columnsOf(SessionRecord, ['authenticatedAt', 'expiresAt'], 'session');

/**
 * One statement, so that a sign-in needs no transaction: the session with its first refresh token and its line in the
 * security log, and the attempts that led to it forgiven. The person's row is locked against whatever ends all sessions at
 * once: either that sees this session, or this sees the new epoch and makes none.
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
 * Begun from a session of the staff that stands at this moment; with its end, and with the loss of the role, this one ends:
 * whatever ends all of the staff's sessions waits for their row. The refresh token ends with the session, after which no token works.
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

/** @returns nothing when the session of the staff is not live, or does not have the role */
export async function insertImpersonation(
  manager: EntityManager,
  parameters: readonly unknown[],
): Promise<Pick<SessionRecord, 'authenticatedAt' | 'expiresAt'> | undefined> {
  return (await queryRows(manager, startImpersonation, parameters, times.row))[0];
}

/** A statement that notes the use of the live session that a refresh token, by its hash in $1, continues. Client in $4, $5. */
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

/** Counts as signed in at `provedAt`, or now. @returns nothing unless it is live, and the person's own */
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

/** Statements that end sessions, with those in which their person acts as somebody else. Parameters: a reason, then ids. */
export const sessionEnd = {
  one: end('id = $2 OR impersonator_session_id = $2'),
  oneOfUser: end('(id = $2 AND user_id = $3) OR (impersonator_session_id = $2 AND impersonator_id = $3)'),
  allOfUserBut: end('(user_id = $2 AND id IS DISTINCT FROM $3) OR impersonator_id = $2'),
};

const passEpochSql = `WITH person AS (${raiseEpoch('$1')})
  UPDATE sessions SET epoch = person.session_epoch FROM person WHERE sessions.id = $2 AND user_id = $1`;

/** Makes every session of a user stale but perhaps one, those too that are being started at this moment. */
export async function passEpoch(manager: EntityManager, userId: string, but: string | undefined): Promise<void> {
  await execute(manager, passEpochSql, [userId, but]);
}

const ended = columnsOf(SessionRecord, ['id', 'userId', 'impersonatorId']);

const endSessionsOfSql = `UPDATE sessions SET ended_at = now(), end_reason = 'revoked_by_operator'
  WHERE ended_at IS NULL AND user_id = ANY($1)
  RETURNING ${ended.list}, last_seen_at > now() - make_interval(secs => $2) AS "inUse"`;

/** Ends all of many users. @param inUseSeconds one that was seen within them may have a working access token */
export function endSessionsOf(manager: EntityManager, userIds: readonly string[], inUseSeconds: number) {
  return queryRows(manager, endSessionsOfSql, [userIds, inUseSeconds], ended.row.and(z.object({ inUse: z.boolean() })));
}
