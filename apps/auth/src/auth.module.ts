import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys, PasswordHasher } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccessTokenHandler } from './access-token/access-token.handler';
import { AccessTokenService } from './access-token/access-token.service';
import { SigningKeyService } from './access-token/signing-key.service';
import { AuthConfig } from './config';
import { entities } from './database';
import { EmailVerificationHandler } from './email-verification/email-verification.handler';
import { EmailVerificationService } from './email-verification/email-verification.service';
import { HealthHandler } from './health/health.handler';
import { LoginHandler } from './login/login.handler';
import { LoginService } from './login/login.service';
import { LogoutHandler } from './logout/logout.handler';
import { ProfileHandler } from './profile/profile.handler';
import { ProfileService } from './profile/profile.service';
import { RefreshHandler } from './refresh/refresh.handler';
import { RefreshService } from './refresh/refresh.service';
import { RegistrationHandler } from './registration/registration.handler';
import { RegistrationService } from './registration/registration.service';
import { RetentionService } from './retention/retention.service';
import { SessionService } from './session/session.service';

@Module({
  controllers: [
    RegistrationHandler,
    EmailVerificationHandler,
    LoginHandler,
    RefreshHandler,
    LogoutHandler,
    ProfileHandler,
    AccessTokenHandler,
    HealthHandler,
  ],
  providers: [
    RegistrationService,
    EmailVerificationService,
    LoginService,
    RefreshService,
    ProfileService,
    SessionService,
    AccessTokenService,
    SigningKeyService,
    RetentionService,
    { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
  ],
})
class AuthModule {}

export function authModule(config: AuthConfig): DynamicModule {
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
    ],
  };
}
