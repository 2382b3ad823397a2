import type { EncryptedColumn } from '#libs/encryption';
import { SigningKey } from './access-token/signing-key.entity';
import { EmailVerification } from './email-verification/email-verification.entity';
import { CreateAccounts1764000000000 } from './migrations/1764000000000-create-accounts';
import { RefreshToken } from './session/refresh-token.entity';
import { SessionRecord } from './session/session.entity';
import { User } from './user/user.entity';

export const entities = [EmailVerification, RefreshToken, SessionRecord, SigningKey, User];

export const migrations = [CreateAccounts1764000000000];

/** What `npm run reencrypt` brings under the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'signing_keys', id: 'kid', column: 'private_key' },
  { table: 'outbox', id: 'id', column: 'payload', mixed: true },
];
