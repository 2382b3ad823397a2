import { databaseModule } from '#libs/database';
import { Fernet, parseFieldEncryptionKeys, PasswordHasher } from '#libs/encryption';
import { JobsModule } from '#libs/jobs';
import { RpcModule } from '#libs/rpc';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccountModule } from './account/account.module';
import { ApiKeyModule } from './api-key/api-key.module';
import { AuditModule } from './audit/audit.module';
import { AuthConfig } from './config';
import { entities } from './database';
import { HealthHandler } from './health/health.handler';
import { OrganizationModule } from './organization/organization.module';
import { RetentionService } from './retention/retention.service';
import { SessionModule } from './session/session.module';
import { SignInModule } from './sign-in/sign-in.module';
import { StaffModule } from './staff/staff.module';

@Module({
  imports: [AccountModule, AuditModule, SessionModule, SignInModule, OrganizationModule, ApiKeyModule, StaffModule],
  controllers: [HealthHandler],
  providers: [RetentionService],
})
class AuthModule {}

/** @param hasher tests bring one that costs less */
export function authModule(config: AuthConfig, hasher = new PasswordHasher()): DynamicModule {
  const fernet = new Fernet(parseFieldEncryptionKeys(config.fieldEncryptionKey));
  const redis = { ...config.redis, name: 'auth' };
  const { databaseUrl, databasePoolSize } = config;
  return {
    module: AuthModule,
    // Every area needs the configuration, and the keys that are made of it.
    global: true,
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
    exports: [AuthConfig, Fernet, PasswordHasher],
  };
}
