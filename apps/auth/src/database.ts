import { auditEntities } from '#libs/audit';
import type { EncryptedColumn } from '#libs/encryption';
import { jobEntities } from '#libs/jobs';
import { CreateAccounts1764000000000 } from './migrations/1764000000000-create-accounts';
import { CreateIdentity1765000000000 } from './migrations/1765000000000-create-identity';
import { MoveEmailVerifications1765000000001 } from './migrations/1765000000001-move-email-verifications';
import { CreatePasskeys1766200000000 } from './migrations/1766200000000-create-passkeys';
import { CreateApiKeys1766300000000 } from './migrations/1766300000000-create-api-keys';
import { CreateIdentities1766350000000 } from './migrations/1766350000000-create-identities';
import { RotateSigningKeys1766400000000 } from './migrations/1766400000000-rotate-signing-keys';
import { AddAvatarObjects1766500000000 } from './migrations/1766500000000-add-avatar-objects';
import { CreateOrganizations1766600000000 } from './migrations/1766600000000-create-organizations';
import { AddStaff1766700000000 } from './migrations/1766700000000-add-staff';
import { CreateAuditLog1767100000000 } from './migrations/1767100000000-create-audit-log';
import { BoundInvitations1767200000000 } from './migrations/1767200000000-bound-invitations';
import { AddOrganizationSearch1767300000000 } from './migrations/1767300000000-add-organization-search';
import { CreateUnnamedPictures1767400000000 } from './migrations/1767400000000-create-unnamed-pictures';
import { UnnamedPicture } from './account/picture/unnamed-pictures.table';
import { User } from './account/user/users.table';
import { ApiKeyRecord } from './api-key/api-keys.table';
import { SecurityEvent } from './audit/security-log/security-events.table';
import { InvitationRecord } from './organization/invitation/invitations.table';
import { MembershipRecord } from './organization/organization/memberships.table';
import { OrganizationRole } from './organization/organization/organization-roles.table';
import { OrganizationRecord } from './organization/organization/organizations.table';
import { OwnershipTransferRecord } from './organization/ownership-transfer/ownership-transfers.table';
import { SigningKey } from './session/access-token/signing-keys.table';
import { RefreshToken } from './session/session/refresh-tokens.table';
import { SessionRecord } from './session/session/sessions.table';
import { SignInAttempt } from './sign-in/attempt/sign-in-attempts.table';
import { Identity } from './sign-in/identity/identities.table';
import { OauthFlowRecord } from './sign-in/oidc/oauth-flows.table';
import { OneTimeToken } from './sign-in/one-time-token/one-time-tokens.table';
import { RecoveryCode } from './sign-in/totp/recovery-codes.table';
import { TotpCredential } from './sign-in/totp/totp-credentials.table';
import { PasskeyRecord } from './sign-in/webauthn/passkeys.table';
import { WebauthnChallenge } from './sign-in/webauthn/webauthn-challenges.table';

export const entities = [
  ...auditEntities,
  ...jobEntities,
  ApiKeyRecord,
  Identity,
  InvitationRecord,
  MembershipRecord,
  OauthFlowRecord,
  OneTimeToken,
  OrganizationRecord,
  OrganizationRole,
  OwnershipTransferRecord,
  PasskeyRecord,
  RecoveryCode,
  RefreshToken,
  SecurityEvent,
  SessionRecord,
  SignInAttempt,
  SigningKey,
  TotpCredential,
  UnnamedPicture,
  User,
  WebauthnChallenge,
];

export const migrations = [
  CreateAccounts1764000000000,
  CreateIdentity1765000000000,
  MoveEmailVerifications1765000000001,
  CreatePasskeys1766200000000,
  CreateApiKeys1766300000000,
  CreateIdentities1766350000000,
  RotateSigningKeys1766400000000,
  AddAvatarObjects1766500000000,
  CreateOrganizations1766600000000,
  AddStaff1766700000000,
  CreateAuditLog1767100000000,
  BoundInvitations1767200000000,
  AddOrganizationSearch1767300000000,
  CreateUnnamedPictures1767400000000,
];

/** The columns that `npm run reencrypt` brings under the newest key. */
export const encryptedColumns: readonly EncryptedColumn[] = [
  { table: 'signing_keys', id: 'kid', column: 'private_key' },
  { table: 'totp_credentials', id: 'user_id', column: 'secret' },
  { table: 'outbox', id: 'id', column: 'payload', mixed: true },
];
