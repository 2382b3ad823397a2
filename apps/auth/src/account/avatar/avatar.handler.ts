import {
  deleteAvatarObject,
  getAvatar,
  removeAvatar,
  storeAvatar,
  type ContextOf,
  type EventPayload,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { OnJob } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { AvatarService } from './avatar.service';
import { ObjectStore } from '../picture/object-store';

@Controller()
export class AvatarHandler {
  constructor(
    private readonly avatars: AvatarService,
    private readonly objects: ObjectStore,
  ) {}

  @Handles(storeAvatar)
  store(
    { picture }: RequestOf<typeof storeAvatar>,
    { actor }: ContextOf<typeof storeAvatar>,
  ): Promise<ResponseInput<typeof storeAvatar>> {
    return this.avatars.store(actor.userId, picture);
  }

  @Handles(removeAvatar)
  async remove(
    _input: RequestOf<typeof removeAvatar>,
    { actor }: ContextOf<typeof removeAvatar>,
  ): Promise<ResponseInput<typeof removeAvatar>> {
    await this.avatars.remove(actor.userId);
    return null;
  }

  @Handles(getAvatar)
  read(address: RequestOf<typeof getAvatar>): Promise<ResponseInput<typeof getAvatar>> {
    return this.avatars.read(address);
  }

  @OnJob(deleteAvatarObject)
  async deleteObject({ id }: EventPayload<typeof deleteAvatarObject>): Promise<void> {
    await this.objects.delete(id);
  }
}
