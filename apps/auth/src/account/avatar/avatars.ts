import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { StoredPictures } from '../picture/stored-pictures';
import { swapAvatar } from '../user/users.table';

/** One picture per person. */
@Injectable()
export class Avatars {
  constructor(private readonly pictures: StoredPictures) {}

  /**
   * Whoever deletes an account calls it first, in the same transaction: the object goes with the row.
   * @param id of the new object; null for none
   * @throws ProblemError `unauthenticated` when there is no such account
   */
  async replace(manager: EntityManager, userId: string, id: string | null): Promise<void> {
    await this.pictures.exchange(manager, await swapAvatar(manager, userId, id), id);
  }
}
