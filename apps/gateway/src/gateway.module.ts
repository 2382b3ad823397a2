import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { AccessTokenVerifier } from './access/access-token.verifier';
import { AccessGuard } from './access/access.guard';
import { ApiKeys } from './access/api-keys';
import { WrongKeys } from './access/wrong-keys';
import { AuthenticationGuard } from './access/authentication.guard';
import { CsrfDefense } from './access/csrf';
import { DeviceCookies } from './access/device-cookie';
import { SigningKeys } from './access/signing-keys';
import { AdminOrganizationsController } from './administration/admin-organizations.controller';
import { AdminUsersController } from './administration/admin-users.controller';
import { DeadLettersController } from './administration/dead-letters.controller';
import { QueueBoard } from './administration/queue-board';
import { QueueBoardController } from './administration/queue-board.controller';
import { ApiKeysController } from './api-key/api-keys.controller';
import { AuditLogController } from './audit-log/audit-log.controller';
import { AvatarController } from './avatar/avatar.controller';
import { PictureWork } from './avatar/picture-work';
import { GatewayConfig } from './config';
import { entities } from './database';
import { ValidationPipe } from './edge/validation.pipe';
import { EmailChangeController } from './email-change/email-change.controller';
import { EmailVerificationController } from './email-verification/email-verification.controller';
import { HealthController } from './health/health.controller';
import { HealthService } from './health/health.service';
import { IdempotencyGuard } from './idempotency/idempotency.guard';
import { IdempotencyService } from './idempotency/idempotency.service';
import { InvitationAnswerController } from './invitation/invitation-answer.controller';
import { InvitationsController } from './invitation/invitations.controller';
import { MagicLinkController } from './magic-link/magic-link.controller';
import { MemberController } from './member/member.controller';
import { MfaController } from './mfa/mfa.controller';
import { IdentityController } from './oauth/identity.controller';
import { OauthController } from './oauth/oauth.controller';
import { OpenApiController } from './openapi/openapi.controller';
import { LogoController } from './organization/logo.controller';
import { OrganizationController } from './organization/organization.controller';
import { OwnershipTransferController } from './ownership-transfer/ownership-transfer.controller';
import { PagesController } from './pages/pages.controller';
import { PasskeySignInController } from './passkey/passkey-sign-in.controller';
import { PasskeyController } from './passkey/passkey.controller';
import { PasswordController } from './password/password.controller';
import { ProblemFilter } from './problem/problem.filter';
import { RouteTable } from './problem/route-table';
import { ProfileController } from './profile/profile.controller';
import { RateLimitGuard } from './rate-limit/rate-limit.guard';
import { rateLimitOptions } from './rate-limit/rate-limit.options';
import { RedisThrottlerStorage } from './rate-limit/redis-throttler.storage';
import { ReauthenticationController } from './reauthentication/reauthentication.controller';
import { GatewayRedis } from './redis/gateway-redis';
import { RegistrationController } from './registration/registration.controller';
import { RetentionService } from './retention/retention.service';
import { RoleController } from './role/role.controller';
import { SecurityLogController } from './security-log/security-log.controller';
import { RevokedSessions } from './session-revocation/revoked-sessions';
import { SessionRevocationHandler } from './session-revocation/session-revocation.handler';
import { EarlierSessions } from './session/earlier-sessions';
import { NamedSession } from './session/named-session';
import { SessionAnswers } from './session/session-answer';
import { SessionController } from './session/session.controller';
import { SessionsController } from './session/sessions.controller';
import { TotpController } from './totp/totp.controller';
import { WellKnownController } from './well-known/well-known.controller';

/** In this order: who asks, how often, may they, and was this asked before. */
const guards: Provider[] = [AuthenticationGuard, RateLimitGuard, AccessGuard, IdempotencyGuard].map((guard) => ({
  provide: APP_GUARD,
  useExisting: guard,
}));

@Module({
  controllers: [
    RegistrationController,
    EmailVerificationController,
    SessionController,
    MfaController,
    MagicLinkController,
    PasswordController,
    ReauthenticationController,
    ProfileController,
    AvatarController,
    EmailChangeController,
    SessionsController,
    TotpController,
    PasskeyController,
    PasskeySignInController,
    ApiKeysController,
    OauthController,
    IdentityController,
    SecurityLogController,
    AuditLogController,
    OrganizationController,
    LogoController,
    MemberController,
    RoleController,
    OwnershipTransferController,
    AdminUsersController,
    AdminOrganizationsController,
    DeadLettersController,
    QueueBoardController,
    InvitationsController,
    InvitationAnswerController,
    HealthController,
    WellKnownController,
    OpenApiController,
    PagesController,
  ],
  providers: [
    AuthenticationGuard,
    RateLimitGuard,
    AccessGuard,
    IdempotencyGuard,
    ...guards,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ValidationPipe },
    AccessTokenVerifier,
    ApiKeys,
    WrongKeys,
    CsrfDefense,
    DeviceCookies,
    HealthService,
    IdempotencyService,
    NamedSession,
    EarlierSessions,
    PictureWork,
    QueueBoard,
    RetentionService,
    RevokedSessions,
    SessionAnswers,
    SessionRevocationHandler,
    SigningKeys,
  ],
})
class GatewayModule {}

/** What the features need of the process: configuration, connections, keys. */
@Module({})
class PlatformModule {}

export function gatewayModule(config: GatewayConfig, routes: RouteTable): DynamicModule {
  const redis = { ...config.redis, name: 'gateway' };
  const fernet = new Fernet(parseFieldEncryptionKeys(config.fieldEncryptionKey));
  const platform: DynamicModule = {
    module: PlatformModule,
    global: true,
    providers: [
      { provide: GatewayConfig, useValue: config },
      { provide: RouteTable, useValue: routes },
      { provide: Fernet, useValue: fernet },
      GatewayRedis,
      RedisThrottlerStorage,
    ],
    exports: [GatewayConfig, RouteTable, Fernet, GatewayRedis, RedisThrottlerStorage],
  };
  return {
    module: GatewayModule,
    imports: [
      platform,
      DiscoveryModule,
      databaseModule({
        url: config.databaseUrl,
        service: 'gateway',
        poolSize: config.databasePoolSize,
        entities,
      }),
      RpcModule.forRoot({ redis }),
      JobsModule.forRoot({ service: 'gateway', redis, databaseUrl: config.databaseUrl, fernet }),
      ThrottlerModule.forRootAsync({ inject: [GatewayConfig, RedisThrottlerStorage], useFactory: rateLimitOptions }),
    ],
  };
}
