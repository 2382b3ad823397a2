import type { EntityManager } from 'typeorm';
import { setMfa } from '../../account/user/users.table';
import { removeRecoveryCodes } from './recovery-codes.table';
import { removeCredential } from './totp-credentials.table';

/**
 * Removes the authenticator app and the recovery codes.
 * @param since only if it was added since then; null for any
 */
export async function removeTotpSince(manager: EntityManager, userId: string, since: Date | null): Promise<void> {
  if (!(await removeCredential(manager, userId, since))) return;
  await removeRecoveryCodes(manager, userId);
  await setMfa(manager, userId, false);
}
