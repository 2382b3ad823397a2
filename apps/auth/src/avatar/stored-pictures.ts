import { deleteAvatarObject } from '#libs/contracts';
import { Outbox } from '#libs/jobs';
import { Injectable, Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { ObjectStore } from './object-store';

/** The row that a picture belongs to. */
export interface PictureOwner {
  /** Names the object in the row, in one transaction. */
  replace(id: string): Promise<void>;
  /** Whether the row names the object, once nobody holds it. */
  isKept(id: string): Promise<boolean>;
}

/**
 * An object is stored before its row names it, and deleted after no row names it any more, by a job of the same transaction:
 * no crash leaves a row without its object.
 */
@Injectable()
export class StoredPictures {
  private readonly log = new Logger('Pictures');

  constructor(
    private readonly objects: ObjectStore,
    private readonly outbox: Outbox,
  ) {}

  /** @param picture WebP in base64 @returns its id @throws ProblemError `service_unavailable` when the store does not answer */
  async keep(picture: string, owner: PictureOwner): Promise<string> {
    const id = randomUUID();
    await this.objects.put(id, Buffer.from(picture, 'base64'));
    try {
      await owner.replace(id);
    } catch (error) {
      if (!(await this.isKept(owner, id))) throw error;
    }
    return id;
  }

  /** After the row has lost its name, in the same transaction. */
  async discard(manager: EntityManager, id: string): Promise<void> {
    await this.outbox.add(manager, deleteAvatarObject, { id });
  }

  /**
   * The transaction failed, and with it the new object goes. But a connection that breaks at COMMIT does not tell whether it
   * failed: the row does. An object too many is better than a row without its own.
   */
  private async isKept(owner: PictureOwner, id: string): Promise<boolean> {
    try {
      if (await owner.isKept(id)) return true;
      await this.objects.delete(id);
    } catch (error) {
      this.log.warn(`The object ${id} may be nobody's and was left: ${error instanceof Error ? error.name : 'failed'}`);
    }
    return false;
  }
}
