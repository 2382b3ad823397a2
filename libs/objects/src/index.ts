export { bucketOf, objectStoreEnvironment, requireCompleteBucket, type Bucket } from './environment';
export { LocalObjectStore } from './local-object-store';
export { ObjectStore, type ObjectKind } from './object-store';
export { ObjectUrls } from './object-urls';
export { S3ObjectStore } from './s3-object-store';
export { requireWritableFolder } from './writable-folder';
export { SignedUrls } from './signed-urls';
