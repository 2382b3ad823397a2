import type { SecurityEventType } from '#libs/contracts';
import { columnsOf, execute, newId, queryRows } from '#libs/database';
import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn, type EntityManager } from 'typeorm';
import { User } from '../../account/user/users.table';

@Entity('security_events')
@Index('security_events_user_id_idx', { synchronize: false })
export class SecurityEvent {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey(() => User, { onDelete: 'CASCADE' }) @Column('uuid') userId!: string;
  @Column('text') type!: SecurityEventType;
  @Column('text', { nullable: true }) ip!: string | null;
  @Column('text', { nullable: true }) userAgent!: string | null;
  @Column('text') requestId!: string;
  @Column('jsonb') details!: Record<string, string>;
  @Index() @CreateDateColumn({ type: 'timestamptz' }) createdAt!: Date;
}

export async function insertSecurityEvent(
  manager: EntityManager,
  event: Omit<SecurityEvent, 'id' | 'createdAt'>,
): Promise<void> {
  await manager.insert(SecurityEvent, { id: newId(), ...event });
}

/** A statement. `values` is SQL for id, user, type, IP address, user agent, request and details. */
export const insertEvent = (values: string, from: string) => `
  INSERT INTO security_events (id, user_id, type, ip, user_agent, request_id, details) SELECT ${values} FROM ${from}`;

/** One statement for many users. */
export async function insertEvents(
  manager: EntityManager,
  userIds: readonly string[],
  type: SecurityEventType,
): Promise<void> {
  const events = 'unnest($1::uuid[], $2::uuid[]) AS event (id, user_id)';
  const sql = insertEvent("id, user_id, $3, NULL, NULL, '', '{}'", events);
  await execute(manager, sql, [userIds.map(() => newId()), userIds, type]);
}

const listed = columnsOf(SecurityEvent, ['id', 'type', 'createdAt', 'ip', 'userAgent', 'details']);

const eventsOfSql = `SELECT ${listed.list} FROM security_events
  WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`;

/** Newest first. */
export function eventsOf(manager: EntityManager, userId: string, after: string | null, limit: number) {
  return queryRows(manager, eventsOfSql, [userId, after, limit], listed.row);
}
