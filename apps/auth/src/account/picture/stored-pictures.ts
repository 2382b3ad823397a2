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
 * Stores an object before a row refers to it, and deletes it by a job in the transaction that drops the
 * reference. Until then it is in `unnamed_pictures`, so a crash leaves no object that no one could ever erase
 * (GDPR article 17).
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
   * @param name stores the id in a row, in one transaction with `exchange`
   * @returns the id
   * @throws ProblemError `service_unavailable` if the store does not respond, and what `name` throws
   */
  async keep(picture: string, name: (id: string) => Promise<void>): Promise<string> {
    const id = randomUUID();
    await insertUnnamed(this.dataSource.manager, id);
    await this.objects.put(id, Buffer.from(picture, 'base64'));
    try {
      await name(id);
    } catch (error) {
      const isNamed = await this.isNamed(id);
      // Our own errors are thrown before COMMIT.
      if (!isNamed || error instanceof ProblemError) throw error;
    }
    return id;
  }

  /**
   * Replaces the object that a row refers to.
   * @throws ProblemError `service_unavailable` if storing took so long that the new object was deleted
   */
  async exchange(manager: EntityManager, before: string | null, after: string | null): Promise<void> {
    if (before !== null) await this.discard(manager, before);
    if (after === null) return;
    if (!(await nameObject(manager, after))) throw new ProblemError('service_unavailable', { retryAfterSeconds: 1 });
  }

  /** Call it after the row has dropped the reference, in the same transaction. */
  async discard(manager: EntityManager, id: string): Promise<void> {
    await this.outbox.add(manager, deleteAvatarObject, { id });
  }

  @Every('auth.discard-unnamed-pictures', { everyMs: 3_600_000 })
  async discardUnnamed(): Promise<void> {
    while ((await this.discardTaken(takeOld, [batch])) === batch);
  }

  /**
   * If a connection breaks at COMMIT, only the row shows the outcome. If the transaction failed, the object is
   * deleted.
   */
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
