import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { Module, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE, DiscoveryModule } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { AccessTokenVerifier } from './access/access-token.verifier';
import { AccessGuard } from './access/access.guard';
import { ApiKeys } from './access/api-keys';
import { WrongKeys } from './access/wrong-keys';
import { AuthenticationGuard } from './access/authentication.guard';
import { CsrfDefense } from './edge/csrf';
import { DeviceCookies } from './edge/device-cookie';
import { SigningKeys } from './access/signing-keys';
import { QueueBoard } from './routes/staff/queue-board';
import { QueueBoardController } from './routes/staff/queue-board.controller';
import { AuditLogController } from './routes/audit/audit-log.controller';
import { AvatarController } from './routes/account/avatar.controller';
import { PictureWork } from './routes/account/picture-work';
import { GatewayConfig } from './config';
import { entities } from './database';
import { ValidationPipe } from './edge/validation.pipe';
import { HealthController } from './routes/health/health.controller';
import { HealthService } from './routes/health/health.service';
import { IdempotencyGuard } from './idempotency/idempotency.guard';
import { StoredResponseFilter } from './idempotency/stored-response';
import { IdempotencyService } from './idempotency/idempotency.service';
import { IdentityController } from './routes/sign-in/identity.controller';
import { OauthController } from './routes/sign-in/oauth.controller';
import { OpenApiController } from './openapi/openapi.controller';
import { LogoController } from './routes/organization/logo.controller';
import { PagesController } from './routes/pages/pages.controller';
import { ProblemFilter } from './problem/problem.filter';
import { RouteTable } from './problem/route-table';
import { RateLimitGuard } from './rate-limit/rate-limit.guard';
import { rateLimitOptions } from './rate-limit/rate-limit.options';
import { RedisThrottlerStorage } from './rate-limit/redis-throttler.storage';
import { ReauthenticationController } from './routes/sign-in/reauthentication.controller';
import { GatewayRedis } from './rate-limit/gateway-redis';
import { RetentionService } from './retention/retention.service';
import { RevokedSessions } from './session-revocation/revoked-sessions';
import { SessionRevocationHandler } from './session-revocation/session-revocation.handler';
import { EarlierSessions } from './routes/session/earlier-sessions';
import { NamedSession } from './routes/session/named-session';
import { SessionResponses } from './routes/session/session-response';
import { contractRoutes, unroutedContracts } from './routes/contract/contract-routes';
import { SessionController } from './routes/session/session.controller';
import { SignInController } from './routes/sign-in/sign-in.controller';
import { WellKnownController } from './routes/well-known/well-known.controller';

/** In this order: authenticate, rate limit, check access, check the idempotency key. */
const guards: Provider[] = [AuthenticationGuard, RateLimitGuard, AccessGuard, IdempotencyGuard].map((guard) => ({
  provide: APP_GUARD,
  useExisting: guard,
}));

/** Routes that are about HTTP itself. All others are built from their contracts. */
const handWritten: Type[] = [
  SessionController,
  SignInController,
  ReauthenticationController,
  AvatarController,
  LogoController,
  OauthController,
  IdentityController,
  AuditLogController,
  QueueBoardController,
  HealthController,
  WellKnownController,
  OpenApiController,
  PagesController,
];

/** Every controller of the gateway. Each contract with an HTTP binding has exactly one route. */
export const controllers: Type[] = [...handWritten, contractRoutes(unroutedContracts(handWritten))];

@Module({
  controllers,
  providers: [
    AuthenticationGuard,
    RateLimitGuard,
    AccessGuard,
    IdempotencyGuard,
    ...guards,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_FILTER, useClass: StoredResponseFilter },
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
    SessionResponses,
    SessionRevocationHandler,
    SigningKeys,
  ],
})
class GatewayModule {}

/** What features need from the process: configuration, connections, keys. */
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
      JobsModule.forRoot({ service: 'gateway', redis, databaseUrl: config.databaseDirectUrl, fernet }),
      ThrottlerModule.forRootAsync({ inject: [GatewayConfig, RedisThrottlerStorage], useFactory: rateLimitOptions }),
    ],
  };
}
