import { ObjectStore, ObjectUrls, SignedUrls } from '#libs/objects';
import { Module } from '@nestjs/common';
import { AuthConfig } from '../config';
import { AvatarHandler } from './avatar/avatar.handler';
import { Avatars } from './avatar/avatars';
import { Mails } from './mail/mails';
import { pictureStore, pictureUrls } from './picture/picture-store';
import { StoredPictures } from './picture/stored-pictures';
import { ProfileHandler } from './profile/profile.handler';
import { UserViews } from './user/user-views';

@Module({
  controllers: [AvatarHandler, ProfileHandler],
  providers: [
    Avatars,
    Mails,
    ObjectUrls,
    StoredPictures,
    UserViews,
    { provide: SignedUrls, inject: [AuthConfig], useFactory: pictureUrls },
    { provide: ObjectStore, inject: [AuthConfig, SignedUrls], useFactory: pictureStore },
  ],
  exports: [Mails, ObjectUrls, StoredPictures, UserViews],
})
export class AccountModule {}
