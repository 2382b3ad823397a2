import { ProblemError } from '#libs/contracts';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Bucket } from './environment';
import { ObjectStore, urlSeconds, urlWindow, type ObjectKind } from './object-store';

/** In milliseconds. Both attempts end before the deadline of a request between services. */
const limits = { connect: 1_000, response: 3_000, total: 8_000 } as const;
const attempts = 2;

type Sdk = Awaited<ReturnType<typeof load>>;

/** Stores private objects in a bucket. Browsers download them from there through presigned URLs. */
export class S3ObjectStore extends ObjectStore implements OnApplicationShutdown {
  private readonly log = new Logger('ObjectStore');
  private loading: Promise<Sdk> | undefined;

  constructor(
    private readonly bucket: Bucket,
    private readonly kind: ObjectKind,
  ) {
    super();
  }

  async put(id: string, object: Buffer): Promise<void> {
    const { client, s3 } = await this.sdk();
    const { kmsKeyId } = this.bucket;
    const command = new s3.PutObjectCommand({
      ...this.place(id),
      Body: object,
      ContentType: this.kind.contentType,
      CacheControl: `private, max-age=${urlSeconds}`,
      ...(kmsKeyId === undefined
        ? { ServerSideEncryption: 'AES256' as const }
        : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyId }),
    });
    await this.reach('put', (abortSignal) => client.send(command, { abortSignal }));
  }

  async delete(id: string): Promise<void> {
    const { client, s3 } = await this.sdk();
    const command = new s3.DeleteObjectCommand(this.place(id));
    await this.reach('delete', (abortSignal) => client.send(command, { abortSignal }));
  }

  /** The bucket serves its objects itself. */
  async read(): Promise<undefined> {
    return undefined;
  }

  /** Sends no request to the bucket: the URL is signed with our own credentials. */
  async urlOf(id: string): Promise<string> {
    const { client, s3, getSignedUrl } = await this.sdk();
    const signingDate = urlWindow(Date.now());
    return getSignedUrl(client, new s3.GetObjectCommand(this.place(id)), { expiresIn: urlSeconds, signingDate });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.loading !== undefined) (await this.loading).client.destroy();
  }

  private place(id: string) {
    return { Bucket: this.bucket.name, Key: `${this.kind.folder}/${id}.${this.kind.extension}` };
  }

  private async reach(what: string, send: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await send(AbortSignal.timeout(limits.total));
    } catch (error) {
      // The message may quote the request, which contains a signature.
      this.log.warn(`The bucket did not ${what} an object: ${error instanceof Error ? error.name : 'failed'}`);
      throw new ProblemError('service_unavailable', { retryAfterSeconds: 5, cause: error });
    }
  }

  /** The SDK takes megabytes of memory, so it is loaded only when the first object is used. */
  private sdk(): Promise<Sdk> {
    return (this.loading ??= load(this.bucket));
  }
}

async function load({ region, endpoint, credentials }: Bucket) {
  const [s3, { getSignedUrl }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  const client = new s3.S3Client({
    region,
    maxAttempts: attempts,
    // Other stores than Amazon's do not support its newer checksum headers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connect,
      requestTimeout: limits.response,
      throwOnRequestTimeout: true,
    },
    ...(credentials === undefined ? {} : { credentials }),
    // Only Amazon gives each bucket its own host name.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  return { client, s3, getSignedUrl };
}
