import type { User as UserView } from '#libs/contracts';
import { ObjectUrls } from '#libs/objects';
import { Injectable } from '@nestjs/common';
import type { Account } from './users.table';

/** Creates the `User` of the API. */
@Injectable()
export class UserViews {
  constructor(private readonly pictures: ObjectUrls) {}

  /** What users see of their own account. */
  async of(user: Account, impersonatedBy: UserView['impersonatedBy'] = null): Promise<UserView> {
    return {
      id: user.id,
      email: user.email,
      emailVerified: user.emailVerifiedAt !== null,
      name: user.name,
      avatarUrl: await this.pictureOf(user),
      locale: user.locale,
      mfaEnabled: user.mfaEnabledAt !== null,
      createdAt: user.createdAt.toISOString(),
      impersonatedBy,
    };
  }

  /** The uploaded picture, or the URL that the user set. */
  async pictureOf({ avatarObject, avatarUrl }: Pick<Account, 'avatarObject' | 'avatarUrl'>): Promise<string | null> {
    return avatarObject === null ? avatarUrl : this.pictures.of(avatarObject);
  }
}
