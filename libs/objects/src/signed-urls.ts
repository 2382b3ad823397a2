import { constantTimeEqual, parseFieldEncryptionKeys } from '#libs/encryption';
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { urlSeconds, urlWindow } from './object-store';

/** Accepts only the spelling that `sign` writes. */
const parameters = z.object({
  id: z.string().regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  expires: z
    .string()
    .regex(/^[1-9]\d{9}$/)
    .transform(Number),
  signature: z.string().regex(/^[\w-]{43}$/),
});

interface SignedUrlParameters {
  readonly id: string;
  readonly expires: string;
  readonly signature: string;
}

interface SignedUrlsOptions {
  /** The URL of the objects' folder, without a trailing slash. */
  readonly url: string;
  /** Field encryption keys, newest first, separated by commas. URLs signed with any of them work. */
  readonly keys: string;
  /** Derives keys that sign nothing else. Changing it breaks all URLs that were signed before. */
  readonly purpose: string;
}

/** URLs of objects that the application serves itself: an id and an expiry, signed with HMAC. The signature is the permission. */
export class SignedUrls {
  readonly #url: string;
  readonly #keys: readonly KeyObject[];

  constructor({ url, keys, purpose }: SignedUrlsOptions) {
    this.#url = url;
    this.#keys = parseFieldEncryptionKeys(keys).map((key) => signingKeyOf(key, purpose));
  }

  /** @param at in ms since 1970 */
  sign(id: string, at = Date.now()): string {
    const expires = String(urlWindow(at).getTime() / 1_000 + urlSeconds);
    const [newest] = this.#keys.map((key) => signatureOf(key, id, expires));
    const query = new URLSearchParams({ expires, signature: newest?.toString('base64url') ?? '' });
    return `${this.#url}/${id}?${query.toString()}`;
  }

  /** Returns undefined for a URL that was changed, has expired, or was not signed here. @param at in ms since 1970 */
  open(given: SignedUrlParameters, at = Date.now()): { id: string; expiresInSeconds: number } | undefined {
    const { data } = parameters.safeParse(given);
    if (data === undefined) return undefined;
    const signature = Buffer.from(data.signature, 'base64url');
    const isOurs = this.#keys.some((key) => constantTimeEqual(signatureOf(key, data.id, given.expires), signature));
    const expiresInSeconds = data.expires - Math.ceil(at / 1_000);
    return isOurs && expiresInSeconds > 0 ? { id: data.id, expiresInSeconds } : undefined;
  }
}

/** HKDF (RFC 5869) without salt, because a field encryption key is already uniformly random. */
function signingKeyOf(fieldEncryptionKey: string, purpose: string): KeyObject {
  const material = Buffer.from(fieldEncryptionKey, 'base64url');
  return createSecretKey(Buffer.from(hkdfSync('sha256', material, '', purpose, 32)));
}

function signatureOf(key: KeyObject, id: string, expires: string): Buffer {
  return createHmac('sha256', key).update(`${id}.${expires}`).digest();
}
