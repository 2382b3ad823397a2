import type { EntityManager } from 'typeorm';
import { setMfa } from '../../account/user/users.table';
import { removeRecoveryCodes } from './recovery-codes.table';
import { removeCredential } from './totp-credentials.table';

/** Turns the authenticator app off, with all that stands in for it. @param since only one from then on; null: any */
export async function removeTotpSince(manager: EntityManager, userId: string, since: Date | null): Promise<void> {
  if (!(await removeCredential(manager, userId, since))) return;
  await removeRecoveryCodes(manager, userId);
  await setMfa(manager, userId, false);
}
