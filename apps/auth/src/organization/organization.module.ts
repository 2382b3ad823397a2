import { Module } from '@nestjs/common';
import { AccountModule } from '../account/account.module';
import { AuditModule } from '../audit/audit.module';
import { SessionModule } from '../session/session.module';
import { SignInModule } from '../sign-in/sign-in.module';
import { AuditLogHandler } from './audit-log/audit-log.handler';
import { InvitationAnswerHandler } from './invitation/invitation-answer.handler';
import { InvitationMailHandler } from './invitation/invitation-mail.handler';
import { InvitationRegistrationHandler } from './invitation/invitation-registration.handler';
import { InvitationTokens } from './invitation/invitation-tokens';
import { InvitationHandler } from './invitation/invitation.handler';
import { MemberHandler } from './member/member.handler';
import { LogoHandler } from './organization/logo.handler';
import { OrganizationAccess } from './organization/organization-access';
import { OrganizationDeletionHandler } from './organization/organization-deletion.handler';
import { OrganizationNotices } from './organization/organization-notices';
import { OrganizationViews } from './organization/organization-views';
import { OrganizationHandler } from './organization/organization.handler';
import { OwnershipTransferHandler } from './ownership-transfer/ownership-transfer.handler';
import { RoleHandler } from './role/role.handler';
import { SeatLimitHandler } from './seat/seat-limit.handler';

@Module({
  imports: [AccountModule, AuditModule, SessionModule, SignInModule],
  controllers: [
    AuditLogHandler,
    InvitationAnswerHandler,
    InvitationMailHandler,
    InvitationRegistrationHandler,
    InvitationHandler,
    MemberHandler,
    LogoHandler,
    OrganizationDeletionHandler,
    OrganizationHandler,
    OwnershipTransferHandler,
    RoleHandler,
    SeatLimitHandler,
  ],
  providers: [InvitationTokens, OrganizationAccess, OrganizationNotices, OrganizationViews],
})
export class OrganizationModule {}
