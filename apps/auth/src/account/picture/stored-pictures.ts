import { deleteAvatarObject, ProblemError } from '#libs/contracts';
import { execute, queryRows } from '#libs/database';
import { Every, Outbox } from '#libs/jobs';
import { Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { ObjectStore } from './object-store';

const batch = 100;

/**
 * An object is stored before a row of an account or an organization names it, and deleted after none does any more, by a job of the same
 * transaction: no crash leaves a row without its object. Until it is named it stands in `unnamed_pictures`, so that none leaves
 * an object without its row either, which nobody could ever have erased (GDPR article 17).
 */
@Injectable()
export class StoredPictures {
  private readonly log = new Logger('Pictures');

  constructor(
    private readonly dataSource: DataSource,
    private readonly objects: ObjectStore,
    private readonly outbox: Outbox,
  ) {}

  /**
   * @param picture WebP in base64
   * @param name writes the object's id into its row, in one transaction with `exchange`
   * @returns the id
   * @throws ProblemError `service_unavailable` when the store does not answer, and what `name` throws
   */
  async keep(picture: string, name: (id: string) => Promise<void>): Promise<string> {
    const id = randomUUID();
    await execute(this.dataSource.manager, 'INSERT INTO unnamed_pictures (id) VALUES ($1)', [id]);
    await this.objects.put(id, Buffer.from(picture, 'base64'));
    try {
      await name(id);
    } catch (error) {
      const isNamed = await this.isNamed(id);
      // One of ours is thrown before COMMIT.
      if (!isNamed || error instanceof ProblemError) throw error;
    }
    return id;
  }

  /** A row names one object instead of another. @throws ProblemError `service_unavailable` when it took so long to name the new one that it is gone */
  async exchange(manager: EntityManager, before: string | null, after: string | null): Promise<void> {
    if (before !== null) await this.discard(manager, before);
    if (after === null) return;
    const named = await execute(manager, 'DELETE FROM unnamed_pictures WHERE id = $1', [after]);
    if (named === 0) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
  }

  /** After the row has lost its name, in the same transaction. */
  async discard(manager: EntityManager, id: string): Promise<void> {
    await this.outbox.add(manager, deleteAvatarObject, { id });
  }

  /** What a crash or a store that answered too late has left: an hour is much longer than any upload takes. */
  @Every('auth.discard-unnamed-pictures', { everyMs: 3_600_000 })
  async discardUnnamed(): Promise<void> {
    const old = `id IN (SELECT id FROM unnamed_pictures WHERE stored_at < now() - interval '1 hour' LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
    while ((await this.discardWhere(old, [])) === batch);
  }

  /** A connection that breaks at COMMIT does not tell whether it failed: the row does. When it did, the object goes. */
  private async isNamed(id: string): Promise<boolean> {
    try {
      return (await this.discardWhere('id = $1', [id])) === 0;
    } catch (error) {
      this.log.warn(`The object ${id} stays for an hour: ${error instanceof Error ? error.name : 'failed'}`);
      return false;
    }
  }

  /** @returns how many */
  private discardWhere(condition: string, parameters: readonly unknown[]): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const sql = `DELETE FROM unnamed_pictures WHERE ${condition} RETURNING id`;
      const discarded = await queryRows(manager, sql, parameters, z.object({ id: z.uuid() }));
      for (const { id } of discarded) await this.discard(manager, id);
      return discarded.length;
    });
  }
}
