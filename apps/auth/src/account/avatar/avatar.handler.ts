import {
  deleteAvatarObject,
  getAvatar,
  ProblemError,
  removeAvatar,
  storeAvatar,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
  type User,
} from '#libs/contracts';
import { OnJob } from '#libs/jobs';
import { ObjectStore, SignedUrls } from '#libs/objects';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { StoredPictures } from '../picture/stored-pictures';
import { UserViews } from '../user/user-views';
import { requireAccount } from '../user/users.table';
import { Avatars } from './avatars';

@Controller()
export class AvatarHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly avatars: Avatars,
    private readonly pictures: StoredPictures,
    private readonly objects: ObjectStore,
    private readonly urls: SignedUrls,
    private readonly views: UserViews,
  ) {}

  /**
   * @throws ProblemError `unauthenticated` if the account is gone; `service_unavailable` if the store does not
   * respond
   */
  @Handles(storeAvatar)
  async store(
    { picture }: RequestOf<typeof storeAvatar>,
    { actor: { userId } }: ContextOf<typeof storeAvatar>,
  ): Promise<User> {
    await this.pictures.keep(picture, (id) => this.replace(userId, id));
    return this.views.of(await requireAccount(this.dataSource.manager, userId));
  }

  /**
   * Removes the stored picture or the URL of an external one.
   * @throws ProblemError `unauthenticated`
   */
  @Handles(removeAvatar)
  async remove(_input: unknown, { actor }: ContextOf<typeof removeAvatar>): Promise<null> {
    await this.replace(actor.userId, null);
    return null;
  }

  /** @throws ProblemError `not_found` for a URL that was changed, has expired, or whose picture is gone */
  @Handles(getAvatar)
  async read(parameters: RequestOf<typeof getAvatar>): Promise<ResponseInput<typeof getAvatar>> {
    const open = this.urls.open(parameters);
    const picture = open && (await this.objects.read(open.id));
    if (open === undefined || picture === undefined) throw new ProblemError('not_found');
    return { picture: picture.toString('base64'), expiresInSeconds: open.expiresInSeconds };
  }

  @OnJob(deleteAvatarObject)
  async deleteObject({ id }: EventPayload<typeof deleteAvatarObject>): Promise<void> {
    await this.objects.delete(id);
  }

  private replace(userId: string, id: string | null): Promise<void> {
    return this.dataSource.transaction((manager) => this.avatars.replace(manager, userId, id));
  }
}
