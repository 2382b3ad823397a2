import { ProblemError, type getAvatar, type RequestOf, type ResponseInput, type User } from '#libs/contracts';
import { queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { UserViews } from '../user/user-views';
import { accountById } from '../user/users';
import { ObjectStore } from '../picture/object-store';
import { SignedAddresses } from '../picture/signed-addresses';
import { StoredPictures } from '../picture/stored-pictures';

/** Of several at once each sees what the one before it left: nothing is replaced without being deleted. */
const swap = `
  UPDATE users SET avatar_object = $2, avatar_url = NULL, updated_at = now()
  FROM (SELECT id, avatar_object FROM users WHERE id = $1 FOR NO KEY UPDATE) AS before
  WHERE users.id = before.id
  RETURNING before.avatar_object AS replaced`;

/** One picture per person. */
@Injectable()
export class AvatarService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly pictures: StoredPictures,
    private readonly objects: ObjectStore,
    private readonly addresses: SignedAddresses,
    private readonly views: UserViews,
  ) {}

  /**
   * @param picture WebP in base64
   * @throws ProblemError `unauthenticated` when the account is gone; `service_unavailable` when the store does not answer
   */
  async store(userId: string, picture: string): Promise<User> {
    await this.pictures.keep(picture, (id) =>
      this.dataSource.transaction((manager) => this.replace(manager, userId, id)),
    );
    const account = await accountById(this.dataSource.manager, userId);
    if (account === undefined) throw new ProblemError('unauthenticated');
    return this.views.of(account);
  }

  /** Whichever there is, the stored one or the address of one elsewhere. @throws ProblemError `unauthenticated` */
  async remove(userId: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.replace(manager, userId, null));
  }

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

  /** @throws ProblemError `not_found` for an address that was changed, has expired, or whose picture is gone */
  async read(address: RequestOf<typeof getAvatar>): Promise<ResponseInput<typeof getAvatar>> {
    const open = this.addresses.open(address);
    const picture = open && (await this.objects.read(open.id));
    if (open === undefined || picture === undefined) throw new ProblemError('not_found');
    return { picture: picture.toString('base64'), expiresInSeconds: open.expiresInSeconds };
  }
}
