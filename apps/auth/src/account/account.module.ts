import { Module } from '@nestjs/common';
import { AuthConfig } from '../config';
import { AvatarHandler } from './avatar/avatar.handler';
import { AvatarService } from './avatar/avatar.service';
import { LocalObjectStore } from './picture/local-object-store';
import { ObjectStore } from './picture/object-store';
import { PictureAddresses } from './picture/picture-addresses';
import { S3ObjectStore } from './picture/s3-object-store';
import { SignedAddresses } from './picture/signed-addresses';
import { StoredPictures } from './picture/stored-pictures';
import { ProfileHandler } from './profile/profile.handler';
import { ProfileService } from './profile/profile.service';
import { UserViews } from './user/user-views';

@Module({
  controllers: [ProfileHandler, AvatarHandler],
  providers: [
    ProfileService,
    AvatarService,
    SignedAddresses,
    StoredPictures,
    PictureAddresses,
    UserViews,
    { provide: ObjectStore, inject: [AuthConfig, SignedAddresses], useFactory: objectStore },
  ],
  exports: [StoredPictures, PictureAddresses, UserViews],
})
export class AccountModule {}

function objectStore(config: AuthConfig, addresses: SignedAddresses): ObjectStore {
  if (config.bucket !== undefined) return new S3ObjectStore(config.bucket);
  return new LocalObjectStore(config.objectDirectory, addresses);
}
