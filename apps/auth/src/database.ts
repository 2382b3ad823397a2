import type { EncryptedColumn } from '#libs/encryption';
import { SigningKey } from './access-token/signing-key.entity';
import { CreateAccounts1764000000000 } from './migrations/1764000000000-create-accounts';
import { CreateIdentity1765000000000 } from './migrations/1765000000000-create-identity';
import { MoveEmailVerifications1765000000001 } from './migrations/1765000000001-move-email-verifications';
import { CreatePasskeys1766200000000 } from './migrations/1766200000000-create-passkeys';
import { CreateIdentities1766300000000 } from './migrations/1766300000000-create-identities';
import { RefreshToken } from './session/refresh-token.entity';
import { SessionRecord } from './session/session.entity';
import { User } from './user/user.entity';

export const entities = [RefreshToken, SessionRecord, SigningKey, User];

export const migrations = [
  CreateAccounts1764000000000,
  CreateIdentity1765000000000,
  MoveEmailVerifications1765000000001,
  CreatePasskeys1766200000000,
  CreateIdentities1766300000000,
];

/** What `npm run reencrypt` brings under the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'signing_keys', id: 'kid', column: 'private_key' },
  { table: 'totp_credentials', id: 'user_id', column: 'secret' },
  { table: 'outbox', id: 'id', column: 'payload', mixed: true },
];
