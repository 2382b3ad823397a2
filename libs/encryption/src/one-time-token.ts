import { createHash } from 'node:crypto';
import { constantTimeEqual, randomToken } from './token';

const selectorBytes = 16;
const verifierBytes = 32;

export interface OneTimeTokenParts {
  /** Finds the row; not a secret. */
  readonly selector: string;
  /** Proves who asks; nowhere at rest. */
  readonly verifier: string;
}

export interface NewOneTimeToken {
  /** For the person it is sent to, and for nobody else. */
  readonly token: string;
  /** To be stored, both of them. */
  readonly selector: string;
  readonly verifierHash: string;
}

/** A token that works for one purpose (`email-verification`): `<selector>.<verifier>`, 128 and 256 random bits in base64url. */
export function createOneTimeToken(purpose: string): NewOneTimeToken {
  const selector = randomToken(selectorBytes);
  const verifier = randomToken(verifierBytes);
  return { token: `${selector}.${verifier}`, selector, verifierHash: hashVerifier(purpose, verifier) };
}

/** The parts of a text that could be one of our tokens; null for any other. */
export function parseOneTimeToken(text: string): OneTimeTokenParts | null {
  const [selector = '', verifier = '', ...rest] = text.length > 256 ? [] : text.split('.');
  if (rest.length > 0 || !encodes(selector, selectorBytes) || !encodes(verifier, verifierBytes)) return null;
  return { selector, verifier };
}

/** What is stored in the verifier's place. It has 256 random bits, so that a fast hash is enough (ADR 3). */
export function hashVerifier(purpose: string, verifier: string): string {
  return createHash('sha256').update(`${purpose}\0${verifier}`).digest('base64url');
}

/** In constant time. A condition `verifier_hash = $1` in SQL on a row found by its selector is as good: it compares hashes. */
export function verifierMatches(purpose: string, verifier: string, verifierHash: string): boolean {
  return constantTimeEqual(hashVerifier(purpose, verifier), verifierHash);
}

/** Whether the text is the one base64url form of that many bytes. */
function encodes(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === bytes && decoded.toString('base64url') === text;
}
