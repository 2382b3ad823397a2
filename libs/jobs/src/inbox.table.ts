import { execute } from '#libs/database';
import { CreateDateColumn, Entity, Index, PrimaryColumn, type EntityManager } from 'typeorm';

/** An event that the service has handled. */
@Entity('inbox')
export class InboxEvent {
  @PrimaryColumn('uuid') eventId!: string;
  @Index() @CreateDateColumn({ type: 'timestamptz' }) processedAt!: Date;
}

/** @returns false when it was recorded before; while another transaction is about to record it, waits for that */
export async function recordHandled(manager: EntityManager, eventId: string): Promise<boolean> {
  return (await execute(manager, 'INSERT INTO inbox (event_id) VALUES ($1) ON CONFLICT DO NOTHING', [eventId])) === 1;
}
