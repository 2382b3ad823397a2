import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

const iterations = 4096;

/**
 * Returns the verifier that PostgreSQL stores (RFC 5803, RFC 7677). Sending it keeps the password out of
 * server logs. Accepts only printable ASCII, which SASLprep (RFC 4013) leaves unchanged.
 */
export function scramSha256Verifier(password: string): string {
  if (!/^[\x20-\x7e]+$/.test(password)) throw new Error('A database password must be of printable ASCII characters.');
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const serverKey = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
