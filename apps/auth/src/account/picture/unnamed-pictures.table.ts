import { execute } from '#libs/database';
import { CreateDateColumn, Entity, Index, PrimaryColumn, type EntityManager } from 'typeorm';

/** A stored object that no row refers to yet. */
@Entity('unnamed_pictures')
export class UnnamedPicture {
  @PrimaryColumn('uuid') id!: string;
  @Index() @CreateDateColumn({ type: 'timestamptz' }) storedAt!: Date;
}

export async function insertUnnamed(manager: EntityManager, id: string): Promise<void> {
  await manager.insert(UnnamedPicture, { id });
}

/** Statements that remove pictures from the table and return their ids. */
export const takeOne = 'DELETE FROM unnamed_pictures WHERE id = $1 RETURNING id';
/** Pictures that a crash or a slow store left behind. No upload takes an hour. */
export const takeOld = `DELETE FROM unnamed_pictures WHERE id IN (
    SELECT id FROM unnamed_pictures WHERE stored_at < now() - interval '1 hour' LIMIT $1 FOR UPDATE SKIP LOCKED
  ) RETURNING id`;

/** @returns whether it was still unnamed */
export async function nameObject(manager: EntityManager, id: string): Promise<boolean> {
  return (await execute(manager, takeOne, [id])) === 1;
}
