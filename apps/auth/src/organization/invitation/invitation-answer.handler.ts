import { AuditLog } from '#libs/audit';
import {
  acceptInvitation,
  declineInvitation,
  lookAtInvitation,
  ProblemError,
  type ContextOf,
  type InvitationPreview,
  type Organization,
  type RequestOf,
} from '#libs/contracts';
import { transactAcrossTenants } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { lockAccountById } from '../../account/user/users.table';
import { OrganizationViews } from '../organization/organization-views';
import { membershipOf } from '../organization/memberships.table';
import { roleOf } from '../organization/organization-roles.table';
import { InvitationTokens } from './invitation-tokens';
import { join, useOffer } from './joining';

/** The invitee's side: requests of whoever has the link. */
@Controller()
export class InvitationAnswerHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: InvitationTokens,
    private readonly views: OrganizationViews,
    private readonly auditLog: AuditLog,
  ) {}

  @Handles(lookAtInvitation)
  async look({ token }: RequestOf<typeof lookAtInvitation>): Promise<InvitationPreview> {
    const offer = await this.tokens.open(token);
    const { organizationName, email, expiresAt } = offer;
    const roleName = roleOf(offer).name;
    return { organizationName, invitedBy: offer.inviterName, email, roleName, expiresAt: expiresAt.toISOString() };
  }

  /**
   * @throws ProblemError `invitation_email_mismatch` if the user has another email address; what `join` and the
   * token throw
   */
  @Handles(acceptInvitation)
  async accept(
    { token }: RequestOf<typeof acceptInvitation>,
    { actor }: ContextOf<typeof acceptInvitation>,
  ): Promise<Organization> {
    const offer = await this.tokens.open(token);
    const { organizationId } = offer;
    const membership = await this.dataSource.transaction(async (manager) => {
      const user = await lockAccountById(manager, actor.userId);
      if (user === undefined) throw new ProblemError('unauthenticated');
      if (user.email !== offer.email || user.emailVerifiedAt === null)
        throw new ProblemError('invitation_email_mismatch');
      await join(manager, this.auditLog, offer, user.id);
      return membershipOf(manager, organizationId, user.id);
    });
    if (membership === undefined) throw new Error('The membership that was just made is not there.');
    return this.views.of(membership);
  }

  @Handles(declineInvitation)
  async decline({ token }: RequestOf<typeof declineInvitation>): Promise<null> {
    const offer = await this.tokens.open(token, 'decline');
    await transactAcrossTenants(this.dataSource, async (manager) => {
      await useOffer(manager, offer, 'declined_at');
      const { organizationId, email } = offer;
      const target = { type: 'invitation' as const, id: offer.id };
      await this.auditLog.record(manager, { organizationId, act: 'invitation.declined', target, before: { email } });
    });
    return null;
  }
}
