import { randomBytes } from 'node:crypto';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += letters.charAt(byte % letters.length);
  return text;
}

/** An id like Stripe's: `cus_` and random letters. */
export function newId(prefix: string): string {
  return `${prefix}_${randomText(prefix === 'cus' ? 14 : 24)}`;
}
