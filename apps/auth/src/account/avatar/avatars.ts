import { ProblemError } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { StoredPictures } from '../picture/stored-pictures';

/** Of several at once each sees what the one before it left: nothing is replaced without being deleted. */
const swap = `
  UPDATE users SET avatar_object = $2, avatar_url = NULL, updated_at = now()
  FROM (SELECT id, avatar_object FROM users WHERE id = $1 FOR NO KEY UPDATE) AS before
  WHERE users.id = before.id
  RETURNING before.avatar_object AS replaced`;

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
    const [swapped] = await queryRows(manager, swap, [userId, id], z.object({ replaced: z.uuid().nullable() }));
    if (swapped === undefined) throw new ProblemError('unauthenticated');
    await this.pictures.exchange(manager, swapped.replaced, id);
  }
}
