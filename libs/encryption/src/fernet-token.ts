import { createCipheriv, createDecipheriv, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { constantTimeEqual } from './token';

/** The token format of Fernet, version 0x80: https://github.com/fernet/spec/blob/master/Spec.md. */
const version = 0x80;
const ivOffset = 9;
const headerBytes = 25;
const blockBytes = 16;
const hmacBytes = 32;
/** Not in the text of the specification, but in its test vectors and in Python's `cryptography`. */
const maxClockSkewSeconds = 60;

const messages = {
  invalid_key: 'A Fernet key must be 32 bytes in base64url with padding, which makes 44 characters.',
  malformed: 'This is not a Fernet token.',
  not_authentic: 'The token was changed, or made under a key that is not among ours.',
  expired: 'The token is older than it may be.',
  from_the_future: 'The token was made after our clock says it is now.',
} as const;

/** Describes the problem without any part of a key, token or plaintext. */
export class FernetError extends Error {
  override readonly name = 'FernetError';

  constructor(readonly reason: keyof typeof messages) {
    super(messages[reason]);
  }
}

export interface FernetKey {
  readonly signing: KeyObject;
  readonly encryption: KeyObject;
}

/** @throws FernetError invalid_key */
export function parseFernetKey(text: string): FernetKey {
  const bytes = decodeBase64Url(text);
  if (bytes === undefined || bytes.length !== 32) throw new FernetError('invalid_key');
  return fernetKeyOf(bytes);
}

/** @param bytes exactly 32 bytes */
export function fernetKeyOf(bytes: Buffer): FernetKey {
  return { signing: createSecretKey(bytes.subarray(0, 16)), encryption: createSecretKey(bytes.subarray(16)) };
}

/** @param iv 16 bytes, never used before with this key */
export function sealToken(key: FernetKey, message: Uint8Array, iv: Uint8Array, timestampSeconds: bigint): string {
  const header = Buffer.alloc(headerBytes);
  header[0] = version;
  header.writeBigUInt64BE(timestampSeconds, 1);
  header.set(iv, ivOffset);
  const cipher = createCipheriv('aes-128-cbc', key.encryption, iv);
  const signed = Buffer.concat([header, cipher.update(message), cipher.final()]);
  return encodeBase64Url(Buffer.concat([signed, hmacOf(key, signed)]));
}

/** A well-formed token. Do not trust its content before `isAuthentic` returns true. */
export interface ParsedToken {
  readonly signed: Buffer;
  readonly hmac: Buffer;
  readonly timestampSeconds: bigint;
}

/** @throws FernetError malformed */
export function parseToken(text: string): ParsedToken {
  const bytes = decodeBase64Url(text);
  const ciphertextBytes = (bytes?.length ?? 0) - headerBytes - hmacBytes;
  if (bytes?.[0] !== version || ciphertextBytes < blockBytes || ciphertextBytes % blockBytes !== 0) {
    throw new FernetError('malformed');
  }
  return {
    signed: bytes.subarray(0, -hmacBytes),
    hmac: bytes.subarray(-hmacBytes),
    timestampSeconds: bytes.readBigUInt64BE(1),
  };
}

export function isAuthentic(key: FernetKey, { signed, hmac }: ParsedToken): boolean {
  return constantTimeEqual(hmacOf(key, signed), hmac);
}

/** @throws FernetError expired, from_the_future */
export function checkAge({ timestampSeconds }: ParsedToken, ttlSeconds: number, nowSeconds: number): void {
  const ageSeconds = nowSeconds - Number(timestampSeconds);
  if (ageSeconds > ttlSeconds) throw new FernetError('expired');
  if (ageSeconds < -maxClockSkewSeconds) throw new FernetError('from_the_future');
}

/**
 * Call it only for a token that is authentic for the key.
 * @throws FernetError malformed
 */
export function openToken(key: FernetKey, { signed }: ParsedToken): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', key.encryption, signed.subarray(ivOffset, headerBytes));
  try {
    return Buffer.concat([decipher.update(signed.subarray(headerBytes)), decipher.final()]);
  } catch {
    throw new FernetError('malformed');
  }
}

function hmacOf(key: FernetKey, signed: Buffer): Buffer {
  return createHmac('sha256', key.signing).update(signed).digest();
}

function encodeBase64Url(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/** Accepts only the canonical encoding. Buffer.from alone skips invalid characters. */
function decodeBase64Url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return encodeBase64Url(bytes) === text ? bytes : undefined;
}
