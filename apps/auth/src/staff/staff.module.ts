import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInModule } from '../sign-in/sign-in.module';
import { DeadLettersHandler } from './dead-letter/dead-letters.handler';
import { OrganizationAdministrationHandler } from './organization/organization-administration.handler';
import { ImpersonationHandler } from './user/impersonation.handler';
import { SuspensionHandler } from './user/suspension.handler';
import { UserSearchHandler } from './user/user-search.handler';

@Module({
  imports: [AuditModule, SessionModule, SignInModule],
  controllers: [
    DeadLettersHandler,
    OrganizationAdministrationHandler,
    ImpersonationHandler,
    SuspensionHandler,
    UserSearchHandler,
  ],
})
export class StaffModule {}
