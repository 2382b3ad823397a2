import { asSecret, url } from '#libs/config';
import { z } from 'zod';

/** For services that store objects. Without a bucket, objects are files in a folder that all replicas share. */
export const objectStoreEnvironment = {
  OBJECT_DIRECTORY: z
    .string()
    .default('/var/lib/groundwork/objects')
    .describe('The folder of images, if there is no bucket. All replicas must share it.'),
  S3_BUCKET: z.string().optional().describe('Keeps images in this bucket.'),
  S3_REGION: z.string().optional().describe('The region of the bucket. Required with `S3_BUCKET`.'),
  S3_ENDPOINT: url('http', 'https')
    .optional()
    .describe("The URL of a store that isn't Amazon's. Browsers download images from it."),
  S3_ACCESS_KEY_ID: asSecret(z.string())
    .optional()
    .describe("Without the keys, the SDK's default chain is used: environment, shared files, identity of the machine."),
  S3_SECRET_ACCESS_KEY: asSecret(z.string()).optional().describe('Belongs to `S3_ACCESS_KEY_ID`.'),
  S3_KMS_KEY_ID: z.string().optional().describe("Encrypts with this KMS key instead of the bucket's own key."),
} as const;

const variables = z.object(objectStoreEnvironment);
type Parsed = z.output<typeof variables>;

/** Where objects are stored in S3. */
export interface Bucket {
  readonly name: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
  readonly kmsKeyId: string | undefined;
}

/** For the schema's `superRefine`: refuses a bucket without a region, and half a key pair. */
export function requireCompleteBucket(parsed: Parsed, context: z.RefinementCtx): void {
  const complain = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
  if (parsed.S3_BUCKET !== undefined && parsed.S3_REGION === undefined)
    complain('S3_REGION', 'Set it to the region of the bucket in S3_BUCKET.');
  if ((parsed.S3_ACCESS_KEY_ID === undefined) !== (parsed.S3_SECRET_ACCESS_KEY === undefined))
    complain('S3_SECRET_ACCESS_KEY', 'Set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY together, or neither.');
}

/** Returns undefined if objects are files. */
export function bucketOf(parsed: Parsed): Bucket | undefined {
  const { S3_BUCKET: name, S3_REGION: region, S3_ENDPOINT: endpoint, S3_KMS_KEY_ID: kmsKeyId } = parsed;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = parsed;
  if (name === undefined || region === undefined) return undefined;
  const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
  return { name, region, endpoint, credentials: hasKeys ? { accessKeyId, secretAccessKey } : undefined, kmsKeyId };
}
