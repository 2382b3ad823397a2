import type { getAvatar, RequestOf } from '#libs/contracts';
import { constantTimeEqual, parseFieldEncryptionKeys } from '#libs/encryption';
import { Injectable } from '@nestjs/common';
import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { addressSeconds, addressWindow } from './object-store';

/** What `sign` writes, and nothing that merely means the same. */
const address = z.object({
  id: z.string().regex(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
  expires: z
    .string()
    .regex(/^[1-9]\d{9}$/)
    .transform(Number),
  signature: z.string().regex(/^[\w-]{43}$/),
});

export interface OpenAddress {
  readonly id: string;
  readonly expiresInSeconds: number;
}

/** Addresses of pictures that this suite serves itself: id and end, under an HMAC. The signature is the permission. */
@Injectable()
export class SignedAddresses {
  readonly #keys: readonly KeyObject[];

  constructor(private readonly config: AuthConfig) {
    this.#keys = parseFieldEncryptionKeys(config.fieldEncryptionKey).map(signingKeyOf);
  }

  /** @param at in ms since 1970 */
  sign(id: string, at = Date.now()): string {
    const expires = String(addressWindow(at).getTime() / 1_000 + addressSeconds);
    const [newest] = this.#keys.map((key) => signatureOf(key, id, expires));
    const query = new URLSearchParams({ expires, signature: newest?.toString('base64url') ?? '' });
    return `${this.config.publicUrl}/api/v1/avatars/${id}?${query.toString()}`;
  }

  /** Nothing for an address that was changed, has expired, or was never ours. @param at in ms since 1970 */
  open(given: RequestOf<typeof getAvatar>, at = Date.now()): OpenAddress | undefined {
    const { data } = address.safeParse(given);
    if (data === undefined) return undefined;
    const signature = Buffer.from(data.signature, 'base64url');
    const isOurs = this.#keys.some((key) => constantTimeEqual(signatureOf(key, data.id, given.expires), signature));
    const expiresInSeconds = data.expires - Math.ceil(at / 1_000);
    return isOurs && expiresInSeconds > 0 ? { id: data.id, expiresInSeconds } : undefined;
  }
}

/** HKDF (RFC 5869) without salt, since a field encryption key is uniformly random already. */
function signingKeyOf(fieldEncryptionKey: string): KeyObject {
  const material = Buffer.from(fieldEncryptionKey, 'base64url');
  return createSecretKey(Buffer.from(hkdfSync('sha256', material, '', 'groundwork avatar address v1', 32)));
}

function signatureOf(key: KeyObject, id: string, expires: string): Buffer {
  return createHmac('sha256', key).update(`${id}.${expires}`).digest();
}
