import { randomBytes } from 'node:crypto';
import speakeasy from 'speakeasy';
import { base32 } from './base32';

/** The only file that uses the library. */

const secretBytes = 20;
const stepSeconds = 30;
/** A clock can be one step behind or ahead, and typing takes time (RFC 6238 section 5.2). */
const window = 1;

/** 160 random bits (RFC 4226 section 4, R6), in base32. */
export function newTotpSecret(): string {
  return base32(randomBytes(secretBytes));
}

/**
 * The QR code of authenticator apps (Key URI Format, Google Authenticator wiki). A colon separates issuer and
 * account, so neither can contain one. The issuer is the same in label and parameter.
 */
export function otpauthUrl(secret: string, accountName: string, issuerName: string): string {
  const [account, issuer] = [withoutColons(accountName), withoutColons(issuerName)];
  const parts = issuer === '' ? [account] : [issuer, account];
  // The library does not encode the label.
  const label = parts.map(encodeURIComponent).join(':');
  return speakeasy.otpauthURL({ secret, encoding: 'base32', label, issuer, type: 'totp', period: stepSeconds });
}

function withoutColons(text: string): string {
  return text.replaceAll(/\s*:[\s:]*/g, ' ').trim();
}

/**
 * Returns the time step of the code, which identifies its second use, or null for a wrong code.
 * @param at in ms since 1970
 */
export function totpStepOf(secret: string, code: string, at = Date.now()): number | null {
  const time = Math.floor(at / 1_000);
  const match = speakeasy.totp.verifyDelta({
    secret,
    encoding: 'base32',
    token: code,
    window,
    step: stepSeconds,
    time,
  });
  return match === undefined ? null : Math.floor(time / stepSeconds) + match.delta;
}

/** The code that an authenticator app shows at that time. */
export function totpCodeAt(secret: string, at: number): string {
  return speakeasy.totp({ secret, encoding: 'base32', step: stepSeconds, time: Math.floor(at / 1_000) });
}
