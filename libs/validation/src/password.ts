import { z } from 'zod';

export const passwordLength = { min: 8, max: 128 } as const;

/**
 * A new password: NIST SP 800-63B section 3.1.1.2. 8 to 128 Unicode code points, any character, no composition rules,
 * normalised to NFKC so that the same password typed on another keyboard stays the same.
 */
export const newPassword = z
  .string()
  .max(passwordLength.max * 4)
  .transform((value) => value.normalize('NFKC'))
  .refine((value) => [...value].length >= passwordLength.min, { error: 'At least 8 characters.' })
  .refine((value) => [...value].length <= passwordLength.max, { error: 'At most 128 characters.' })
  .meta({ minLength: passwordLength.min, maxLength: passwordLength.max, format: 'password' });

/** A password to compare: whatever its length says of it, the answer to a wrong one is the same. */
export const currentPassword = z
  .string()
  .min(1)
  .max(passwordLength.max * 4)
  .transform((value) => value.normalize('NFKC'))
  .meta({ format: 'password' });
