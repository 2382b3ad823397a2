import { LocalObjectStore, S3ObjectStore, SignedUrls, type ObjectStore } from '#libs/objects';
import type { AuthConfig } from '../../config';

const pictures = { folder: 'avatars', extension: 'webp', contentType: 'image/webp' } as const;

/** The URLs of pictures that are files. `avatar.handler.ts` serves them. */
export function pictureUrls({ publicUrl, fieldEncryptionKey }: AuthConfig): SignedUrls {
  const url = `${publicUrl}/api/v1/avatars`;
  return new SignedUrls({ url, keys: fieldEncryptionKey, purpose: 'groundwork avatar address v1' });
}

export function pictureStore({ bucket, objectDirectory }: AuthConfig, urls: SignedUrls): ObjectStore {
  if (bucket !== undefined) return new S3ObjectStore(bucket, pictures);
  return new LocalObjectStore(objectDirectory, pictures, urls);
}
