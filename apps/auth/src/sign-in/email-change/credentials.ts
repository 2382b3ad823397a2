import type { EntityManager } from 'typeorm';
import { removePassword } from '../../account/user/users.table';
import type { CredentialKind } from '../../account/user/credential-kind';
import { revokeAllKeys } from '../../api-key/api-keys.table';
import { removeIdentitiesSince } from '../identity/identities.table';
import { removeTotpSince } from '../totp/totp-removal';
import { removePasskeysSince } from '../webauthn/passkeys.table';

type RemoveSince = (manager: EntityManager, userId: string, since: Date) => Promise<void>;

/**
 * How to take each kind of credential from someone who took over an account: everything added since, and
 * everything that they may know or have copied. A missing kind fails to compile.
 */
const removals: Readonly<Record<CredentialKind, RemoveSince>> = {
  password: removePassword,
  apiKey: revokeAllKeys,
  passkey: removePasskeysSince,
  identity: removeIdentitiesSince,
  totp: removeTotpSince,
};

/** @param since the day before the email change, because an intruder can come earlier */
export async function removeCredentialsSince(manager: EntityManager, userId: string, since: Date): Promise<void> {
  for (const remove of Object.values(removals)) await remove(manager, userId, since);
}
