import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { StoredPictures } from '../picture/stored-pictures';
import { swapAvatar } from '../user/users.table';

@Injectable()
export class Avatars {
  constructor(private readonly pictures: StoredPictures) {}

  /**
   * Call it before deleting an account, in the same transaction, so that the object is deleted too.
   * @param id of the new object; null for none
   * @throws ProblemError `unauthenticated` if the account does not exist
   */
  async replace(manager: EntityManager, userId: string, id: string | null): Promise<void> {
    await this.pictures.exchange(manager, await swapAvatar(manager, userId, id), id);
  }
}
