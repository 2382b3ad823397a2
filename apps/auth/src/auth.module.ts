import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys, PasswordHasher } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccessTokenHandler } from './access-token/access-token.handler';
import { AccessTokenService } from './access-token/access-token.service';
import { SigningKeyService } from './access-token/signing-key.service';
import { AdministrationHandler } from './administration/administration.handler';
import { DeadLettersHandler } from './administration/dead-letters.handler';
import { DeadLettersService } from './administration/dead-letters.service';
import { ImpersonationService } from './administration/impersonation.service';
import { OrganizationAdministrationHandler } from './administration/organization-administration.handler';
import { OrganizationAdministrationService } from './administration/organization-administration.service';
import { SuspensionService } from './administration/suspension.service';
import { ApiKeyHandler } from './api-key/api-key.handler';
import { ApiKeyService } from './api-key/api-key.service';
import { AuditLog } from './audit-log/audit-log';
import { AuditLogHandler } from './audit-log/audit-log.handler';
import { AuditLogService } from './audit-log/audit-log.service';
import { AvatarHandler } from './avatar/avatar.handler';
import { AvatarService } from './avatar/avatar.service';
import { LocalObjectStore } from './avatar/local-object-store';
import { ObjectStore } from './avatar/object-store';
import { PictureAddresses } from './avatar/picture-addresses';
import { S3ObjectStore } from './avatar/s3-object-store';
import { SignedAddresses } from './avatar/signed-addresses';
import { StoredPictures } from './avatar/stored-pictures';
import { AuthConfig } from './config';
import { entities } from './database';
import { EmailChangeHandler } from './email-change/email-change.handler';
import { EmailChangeService } from './email-change/email-change.service';
import { EmailVerificationHandler } from './email-verification/email-verification.handler';
import { EmailVerificationService } from './email-verification/email-verification.service';
import { HealthHandler } from './health/health.handler';
import { IdentityHandler } from './identity/identity.handler';
import { IdentityService } from './identity/identity.service';
import { InvitationAnswerService } from './invitation/invitation-answer.service';
import { InvitationMailService } from './invitation/invitation-mail.service';
import { InvitationTokens } from './invitation/invitation-tokens';
import { InvitationHandler } from './invitation/invitation.handler';
import { InvitationService } from './invitation/invitation.service';
import { LoginHandler } from './login/login.handler';
import { LoginService } from './login/login.service';
import { LogoutHandler } from './logout/logout.handler';
import { MagicLinkHandler } from './magic-link/magic-link.handler';
import { MagicLinkService } from './magic-link/magic-link.service';
import { MemberHandler } from './member/member.handler';
import { MemberService } from './member/member.service';
import { CodeCheck } from './mfa/code-check';
import { MfaHandler } from './mfa/mfa.handler';
import { MfaService } from './mfa/mfa.service';
import { FederatedSignIn } from './oauth/federated-sign-in';
import { OauthFlows } from './oauth/oauth-flows';
import { OauthHandler } from './oauth/oauth.handler';
import { OauthService } from './oauth/oauth.service';
import { OidcProviders } from './oauth/oidc-providers';
import { OneTimeTokens } from './one-time-token/one-time-tokens';
import { LogoService } from './organization/logo.service';
import { OrganizationAccess } from './organization/organization-access';
import { OrganizationDeletionService } from './organization/organization-deletion.service';
import { OrganizationNotices } from './organization/organization-notices';
import { OrganizationViews } from './organization/organization-views';
import { OrganizationHandler } from './organization/organization.handler';
import { OrganizationService } from './organization/organization.service';
import { OwnershipTransferHandler } from './ownership-transfer/ownership-transfer.handler';
import { OwnershipTransferService } from './ownership-transfer/ownership-transfer.service';
import { PasskeyAssertions } from './passkey/passkey-assertions';
import { PasskeyChallenges } from './passkey/passkey-challenges';
import { PasskeySecondFactor } from './passkey/passkey-second-factor';
import { PasskeySignInService } from './passkey/passkey-sign-in.service';
import { PasskeyHandler } from './passkey/passkey.handler';
import { PasskeyService } from './passkey/passkey.service';
import { Webauthn } from './passkey/webauthn';
import { BreachedPasswords } from './password-policy/breached-passwords';
import { PasswordPolicy } from './password-policy/password-policy';
import { PasswordHandler } from './password/password.handler';
import { PasswordService } from './password/password.service';
import { ProfileHandler } from './profile/profile.handler';
import { ProfileService } from './profile/profile.service';
import { ProviderReauthentication } from './reauthentication/provider-reauthentication.service';
import { ReauthenticationHandler } from './reauthentication/reauthentication.handler';
import { ReauthenticationService } from './reauthentication/reauthentication.service';
import { SessionRenewal } from './reauthentication/session-renewal';
import { RefreshHandler } from './refresh/refresh.handler';
import { RefreshService } from './refresh/refresh.service';
import { RegistrationHandler } from './registration/registration.handler';
import { RegistrationService } from './registration/registration.service';
import { RetentionService } from './retention/retention.service';
import { RoleHandler } from './role/role.handler';
import { RoleService } from './role/role.service';
import { SeatLimitHandler } from './seat/seat-limit.handler';
import { SecurityLog } from './security-log/security-log';
import { SecurityLogHandler } from './security-log/security-log.handler';
import { SessionHandler } from './session/session.handler';
import { SessionService } from './session/session.service';
import { SignInAttempts } from './sign-in/sign-in-attempts';
import { SignInPauseHandler } from './sign-in/sign-in-pause.handler';
import { SignInService } from './sign-in/sign-in.service';
import { TotpCodes } from './totp/totp-codes';
import { TotpHandler } from './totp/totp.handler';
import { TotpService } from './totp/totp.service';
import { UserViews } from './user/user-views';

@Module({
  controllers: [
    RegistrationHandler,
    EmailVerificationHandler,
    LoginHandler,
    RefreshHandler,
    MfaHandler,
    MagicLinkHandler,
    ReauthenticationHandler,
    LogoutHandler,
    SessionHandler,
    PasswordHandler,
    EmailChangeHandler,
    TotpHandler,
    PasskeyHandler,
    ApiKeyHandler,
    OauthHandler,
    IdentityHandler,
    SecurityLogHandler,
    AuditLogHandler,
    SignInPauseHandler,
    ProfileHandler,
    AvatarHandler,
    OrganizationHandler,
    MemberHandler,
    RoleHandler,
    OwnershipTransferHandler,
    AdministrationHandler,
    OrganizationAdministrationHandler,
    DeadLettersHandler,
    InvitationHandler,
    SeatLimitHandler,
    AccessTokenHandler,
    HealthHandler,
  ],
  providers: [
    RegistrationService,
    EmailVerificationService,
    LoginService,
    MfaService,
    CodeCheck,
    TotpService,
    TotpCodes,
    PasskeyService,
    PasskeySignInService,
    PasskeySecondFactor,
    PasskeyAssertions,
    PasskeyChallenges,
    Webauthn,
    ApiKeyService,
    MagicLinkService,
    PasswordService,
    PasswordPolicy,
    BreachedPasswords,
    EmailChangeService,
    ReauthenticationService,
    ProviderReauthentication,
    SessionRenewal,
    OauthService,
    OauthFlows,
    OidcProviders,
    FederatedSignIn,
    IdentityService,
    SignInService,
    SignInAttempts,
    OneTimeTokens,
    SecurityLog,
    AuditLog,
    AuditLogService,
    RefreshService,
    ProfileService,
    AvatarService,
    SignedAddresses,
    StoredPictures,
    PictureAddresses,
    OrganizationAdministrationService,
    DeadLettersService,
    SuspensionService,
    ImpersonationService,
    UserViews,
    OrganizationService,
    OrganizationAccess,
    OrganizationViews,
    OrganizationNotices,
    OrganizationDeletionService,
    LogoService,
    OwnershipTransferService,
    RoleService,
    MemberService,
    InvitationService,
    InvitationAnswerService,
    InvitationMailService,
    InvitationTokens,
    SessionService,
    AccessTokenService,
    SigningKeyService,
    RetentionService,
    { provide: ObjectStore, inject: [AuthConfig, SignedAddresses], useFactory: objectStore },
  ],
})
class AuthModule {}

function objectStore(config: AuthConfig, addresses: SignedAddresses): ObjectStore {
  if (config.bucket !== undefined) return new S3ObjectStore(config.bucket);
  return new LocalObjectStore(config.objectDirectory, addresses);
}

/** @param hasher tests bring one that costs less */
export function authModule(config: AuthConfig, hasher = new PasswordHasher()): DynamicModule {
  const fernet = new Fernet(parseFieldEncryptionKeys(config.fieldEncryptionKey));
  const redis = { ...config.redis, name: 'auth' };
  const { databaseUrl, databasePoolSize } = config;
  return {
    module: AuthModule,
    imports: [
      databaseModule({ url: databaseUrl, service: 'auth', poolSize: databasePoolSize, entities }),
      RpcModule.forRoot({ redis }),
      JobsModule.forRoot({ service: 'auth', redis, databaseUrl, fernet }),
    ],
    providers: [
      { provide: AuthConfig, useValue: config },
      { provide: Fernet, useValue: fernet },
      { provide: PasswordHasher, useValue: hasher },
    ],
  };
}
