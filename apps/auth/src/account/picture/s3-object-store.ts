import { ProblemError } from '#libs/contracts';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Bucket } from '../../config';
import { addressSeconds, addressWindow, ObjectStore } from './object-store';

/** In milliseconds. Both attempts end before the deadline of the call that stores a picture. */
const limits = { connect: 1_000, answer: 3_000, whole: 8_000 } as const;
const attempts = 2;

type Sdk = Awaited<ReturnType<typeof load>>;

/** Pictures as private objects of a bucket, which browsers fetch from there by presigned addresses. */
export class S3ObjectStore extends ObjectStore implements OnApplicationShutdown {
  private readonly log = new Logger('ObjectStore');
  private loading: Promise<Sdk> | undefined;

  constructor(private readonly bucket: Bucket) {
    super();
  }

  async put(id: string, picture: Buffer): Promise<void> {
    const { client, s3 } = await this.sdk();
    const { kmsKeyId } = this.bucket;
    const command = new s3.PutObjectCommand({
      ...this.place(id),
      Body: picture,
      ContentType: 'image/webp',
      CacheControl: `private, max-age=${addressSeconds}`,
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

  /** The bucket itself serves what is in it. */
  async read(): Promise<undefined> {
    return undefined;
  }

  /** Asks the bucket nothing: it is a signature under our own credentials. */
  async addressOf(id: string): Promise<string> {
    const { client, s3, getSignedUrl } = await this.sdk();
    const signingDate = addressWindow(Date.now());
    return getSignedUrl(client, new s3.GetObjectCommand(this.place(id)), { expiresIn: addressSeconds, signingDate });
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.loading !== undefined) (await this.loading).client.destroy();
  }

  private place(id: string) {
    return { Bucket: this.bucket.name, Key: `avatars/${id}.webp` };
  }

  private async reach(what: string, ask: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    try {
      await ask(AbortSignal.timeout(limits.whole));
    } catch (error) {
      // The message of a stranger may quote the request, and so a signature.
      this.log.warn(`The bucket did not ${what} an object: ${error instanceof Error ? error.name : 'failed'}`);
      throw new ProblemError('service_unavailable', { retryAfterSeconds: 5, cause: error });
    }
  }

  /** Loaded when the first picture comes: it is megabytes that nobody without pictures should pay for. */
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
    // Other stores than Amazon's do not know its newer checksum headers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: limits.connect,
      requestTimeout: limits.answer,
      throwOnRequestTimeout: true,
    },
    ...(credentials === undefined ? {} : { credentials }),
    // A bucket's own host name is Amazon's habit.
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
  return { client, s3, getSignedUrl };
}
