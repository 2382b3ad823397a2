import type { EntityManager } from 'typeorm';
import { removePassword } from '../../account/user/users.table';
import type { CredentialKind } from '../../account/user/credential-kind';
import { revokeAllKeys } from '../../api-key/api-keys.table';
import { removeIdentitiesSince } from '../identity/identities.table';
import { removeTotpSince } from '../totp/totp-removal';
import { removePasskeysSince } from '../webauthn/passkeys.table';

type RemoveSince = (manager: EntityManager, userId: string, since: Date) => Promise<void>;

/**
 * How each kind of credential is taken from somebody who took an account over. What was added since goes; what was there before
 * stays, except what they may know or have copied. A kind that is left out fails to compile.
 */
const removals: Readonly<Record<CredentialKind, RemoveSince>> = {
  password: removePassword,
  apiKey: revokeAllKeys,
  passkey: removePasskeysSince,
  identity: removeIdentitiesSince,
  totp: removeTotpSince,
};

/** @param since the day before the address was changed: whoever changes it has been there for a while */
export async function removeCredentialsSince(manager: EntityManager, userId: string, since: Date): Promise<void> {
  for (const remove of Object.values(removals)) await remove(manager, userId, since);
}
