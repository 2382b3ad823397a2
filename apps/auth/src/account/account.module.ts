import { Module } from '@nestjs/common';
import { AuthConfig } from '../config';
import { AvatarHandler } from './avatar/avatar.handler';
import { Avatars } from './avatar/avatars';
import { Mails } from './mail/mails';
import { LocalObjectStore } from './picture/local-object-store';
import { ObjectStore } from './picture/object-store';
import { PictureAddresses } from './picture/picture-addresses';
import { S3ObjectStore } from './picture/s3-object-store';
import { SignedAddresses } from './picture/signed-addresses';
import { StoredPictures } from './picture/stored-pictures';
import { ProfileHandler } from './profile/profile.handler';
import { UserViews } from './user/user-views';

@Module({
  controllers: [AvatarHandler, ProfileHandler],
  providers: [
    Avatars,
    Mails,
    PictureAddresses,
    SignedAddresses,
    StoredPictures,
    UserViews,
    { provide: ObjectStore, inject: [AuthConfig, SignedAddresses], useFactory: objectStore },
  ],
  exports: [Mails, PictureAddresses, StoredPictures, UserViews],
})
export class AccountModule {}

function objectStore(config: AuthConfig, addresses: SignedAddresses): ObjectStore {
  if (config.bucket !== undefined) return new S3ObjectStore(config.bucket);
  return new LocalObjectStore(config.objectDirectory, addresses);
}
