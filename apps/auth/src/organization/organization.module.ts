import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInModule } from '../sign-in/sign-in.module';
import { AuditLogHandler } from './audit-log/audit-log.handler';
import { AuditLogService } from './audit-log/audit-log.service';
import { InvitationAnswerService } from './invitation/invitation-answer.service';
import { InvitationMailService } from './invitation/invitation-mail.service';
import { InvitationTokens } from './invitation/invitation-tokens';
import { InvitationHandler } from './invitation/invitation.handler';
import { InvitationService } from './invitation/invitation.service';
import { MemberHandler } from './member/member.handler';
import { MemberService } from './member/member.service';
import { LogoService } from './organization/logo.service';
import { OrganizationAccess } from './organization/organization-access';
import { OrganizationDeletionService } from './organization/organization-deletion.service';
import { OrganizationNotices } from './organization/organization-notices';
import { OrganizationViews } from './organization/organization-views';
import { OrganizationHandler } from './organization/organization.handler';
import { OrganizationService } from './organization/organization.service';
import { OwnershipTransferHandler } from './ownership-transfer/ownership-transfer.handler';
import { OwnershipTransferService } from './ownership-transfer/ownership-transfer.service';
import { RoleHandler } from './role/role.handler';
import { RoleService } from './role/role.service';
import { SeatLimitHandler } from './seat/seat-limit.handler';

@Module({
  imports: [AccountModule, AuditModule, SessionModule, SignInModule],
  controllers: [
    AuditLogHandler,
    OrganizationHandler,
    MemberHandler,
    RoleHandler,
    OwnershipTransferHandler,
    InvitationHandler,
    SeatLimitHandler,
  ],
  providers: [
    AuditLogService,
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
  ],
})
export class OrganizationModule {}
