import { createHash } from 'node:crypto';
import { constantTimeEqual, randomToken } from './token';

const selectorBytes = 16;
const verifierBytes = 32;

export interface OneTimeTokenParts {
  /** Finds the row. Not a secret. */
  readonly selector: string;
  /** Proves that the caller has the token. Never stored. */
  readonly verifier: string;
}

export interface NewOneTimeToken {
  /** Only for the recipient. */
  readonly token: string;
  /** Both are stored. */
  readonly selector: string;
  readonly verifierHash: string;
}

/**
 * Creates a token for one purpose, such as `email-verification`: `<selector>.<verifier>`, 128 and 256
 * random bits in base64url.
 */
export function createOneTimeToken(purpose: string): NewOneTimeToken {
  const selector = randomToken(selectorBytes);
  const verifier = randomToken(verifierBytes);
  return { token: `${selector}.${verifier}`, selector, verifierHash: hashVerifier(purpose, verifier) };
}

/** Splits a well-formed token into its parts. Returns null for any other text. */
export function parseOneTimeToken(text: string): OneTimeTokenParts | null {
  const [selector = '', verifier = '', ...rest] = text.length > 256 ? [] : text.split('.');
  if (rest.length > 0 || !encodes(selector, selectorBytes) || !encodes(verifier, verifierBytes)) return null;
  return { selector, verifier };
}

/** Returns the hash to store. A fast hash is enough, because the verifier has 256 random bits (ADR 3). */
export function hashVerifier(purpose: string, verifier: string): string {
  return createHash('sha256').update(`${purpose}\0${verifier}`).digest('base64url');
}

/**
 * Compares in constant time. The SQL condition `verifier_hash = $1` on a row found by its selector is as
 * safe, because it compares hashes.
 */
export function verifierMatches(purpose: string, verifier: string, verifierHash: string): boolean {
  return constantTimeEqual(hashVerifier(purpose, verifier), verifierHash);
}

/** Returns true if the text is the canonical base64url encoding of that many bytes. */
function encodes(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === bytes && decoded.toString('base64url') === text;
}
