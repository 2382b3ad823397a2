import { deleteAvatarObject, ProblemError } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Every, Outbox } from '#libs/jobs';
import { ObjectStore } from '#libs/objects';
import { Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { insertUnnamed, nameObject, takeOld, takeOne } from './unnamed-pictures.table';

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
    await insertUnnamed(this.dataSource.manager, id);
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
    if (!(await nameObject(manager, after))) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
  }

  /** After the row has lost its name, in the same transaction. */
  async discard(manager: EntityManager, id: string): Promise<void> {
    await this.outbox.add(manager, deleteAvatarObject, { id });
  }

  @Every('auth.discard-unnamed-pictures', { everyMs: 3_600_000 })
  async discardUnnamed(): Promise<void> {
    while ((await this.discardTaken(takeOld, [batch])) === batch);
  }

  /** A connection that breaks at COMMIT does not tell whether it failed: the row does. When it did, the object goes. */
  private async isNamed(id: string): Promise<boolean> {
    try {
      return (await this.discardTaken(takeOne, [id])) === 0;
    } catch (error) {
      this.log.warn(`The object ${id} stays for an hour: ${error instanceof Error ? error.name : 'failed'}`);
      return false;
    }
  }

  /** @returns how many */
  private discardTaken(sql: string, parameters: readonly unknown[]): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const discarded = await queryRows(manager, sql, parameters, z.object({ id: z.uuid() }));
      for (const { id } of discarded) await this.discard(manager, id);
      return discarded.length;
    });
  }
}
