import type { ValueTransformer } from 'typeorm';
import type { Fernet } from './fernet';

/**
 * Encrypts a `text` column: `@Column({ type: 'text', transformer: encryptedColumn(fernet) })`. NULL stays
 * NULL.
 * Equal texts become different tokens, so the column can't be searched, compared or unique.
 */
export function encryptedColumn(fernet: Fernet): ValueTransformer {
  return {
    to: (value?: string | null) => (typeof value === 'string' ? fernet.encrypt(value) : value),
    from: (value?: string | null) => (typeof value === 'string' ? fernet.decrypt(value) : value),
  };
}
