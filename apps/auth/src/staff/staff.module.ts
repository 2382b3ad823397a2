import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInModule } from '../sign-in/sign-in.module';
import { DeadLettersHandler } from './dead-letter/dead-letters.handler';
import { DeadLettersService } from './dead-letter/dead-letters.service';
import { OrganizationAdministrationHandler } from './organization/organization-administration.handler';
import { OrganizationAdministrationService } from './organization/organization-administration.service';
import { AdministrationHandler } from './user/administration.handler';
import { ImpersonationService } from './user/impersonation.service';
import { SuspensionService } from './user/suspension.service';

@Module({
  imports: [AuditModule, SessionModule, SignInModule],
  controllers: [AdministrationHandler, OrganizationAdministrationHandler, DeadLettersHandler],
  providers: [OrganizationAdministrationService, DeadLettersService, SuspensionService, ImpersonationService],
})
export class StaffModule {}
