import { PasswordHasher } from '#libs/encryption';
import type { ServiceModules } from '#libs/service';
import { Module, type DynamicModule } from '@nestjs/common';
import { AccountModule } from './account/account.module';
import { ApiKeyModule } from './api-key/api-key.module';
import { AuditModule } from './audit/audit.module';
import { entities } from './database';
import { OrganizationModule } from './organization/organization.module';
import { RetentionService } from './retention/retention.service';
import { SessionModule } from './session/session.module';
import { SignInModule } from './sign-in/sign-in.module';
import { StaffModule } from './staff/staff.module';

const areas = [AccountModule, AuditModule, SessionModule, SignInModule, OrganizationModule, ApiKeyModule, StaffModule];

@Module({})
class HashingModule {}

/** @param hasher tests pass a cheaper one */
export function auth(hasher = new PasswordHasher()): ServiceModules {
  const hashing: DynamicModule = {
    module: HashingModule,
    global: true,
    providers: [{ provide: PasswordHasher, useValue: hasher }],
    exports: [PasswordHasher],
  };
  return { entities, imports: [hashing, ...areas], providers: [RetentionService] };
}
