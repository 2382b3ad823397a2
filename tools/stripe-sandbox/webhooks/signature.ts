import { createHmac } from 'node:crypto';

/** The `Stripe-Signature` header: one `v1` for each secret that is valid now. */
export function signatureHeader(payload: string, secrets: readonly string[], seconds: number): string {
  const signatures = secrets.map(
    (secret) => `v1=${createHmac('sha256', secret).update(`${seconds}.${payload}`).digest('hex')}`,
  );
  return [`t=${seconds}`, ...signatures].join(',');
}
