import {
  acceptOwnership,
  declineOwnership,
  getOwnershipTransfer,
  invalidField,
  offerOwnership,
  ProblemError,
  required,
  transferDays,
  withdrawOwnership,
  type AuditAct,
  type ContextOf,
  type Organization,
  type OwnershipTransfer,
  type RequestOf,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import { OrganizationNotices } from '../organization/organization-notices';
import { OrganizationViews } from '../organization/organization-views';
import { membershipOf, setRole } from '../organization/memberships.table';
import { insertTransfer, pendingTransfer, takeTransfer, type Transfer } from './ownership-transfers.table';

/** An owner offers the ownership, and another member accepts it. */
@Controller()
export class OwnershipTransferHandler {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly views: OrganizationViews,
    private readonly notices: OrganizationNotices,
  ) {}

  /** @throws ProblemError `transfer_pending`; `validation_failed` for the caller and for users who are no members */
  @Handles(offerOwnership)
  offer(
    { organizationId, userId }: RequestOf<typeof offerOwnership>,
    context: ContextOf<typeof offerOwnership>,
  ): Promise<OwnershipTransfer> {
    return this.access.runLocked(context, offerOwnership, organizationId, async (tenant) => {
      const { manager } = tenant;
      if (userId === tenant.userId) throw invalidField('userId', 'is_yourself', 'It is yours already.');
      const heir = await membershipOf(manager, organizationId, userId);
      if (heir === undefined)
        throw invalidField('userId', 'not_a_member', 'Nobody with this id is a member. Invite them first.');
      const parties = { organizationId, fromUserId: tenant.userId, toUserId: userId };
      const made = required(await insertTransfer(manager, parties, transferDays), 'transfer_pending');
      await this.notices.tellMember(tenant, userId, 'ownership_offered', made.expiresAt);
      await record(tenant, 'ownership.offered', made);
      return viewOf(made);
    });
  }

  /** @throws ProblemError `not_found` if there is no offer */
  @Handles(getOwnershipTransfer)
  get(
    { organizationId }: RequestOf<typeof getOwnershipTransfer>,
    context: ContextOf<typeof getOwnershipTransfer>,
  ): Promise<OwnershipTransfer> {
    return this.access.run(context, getOwnershipTransfer, organizationId, async ({ manager }) => {
      const found = required(await pendingTransfer(manager, organizationId), 'not_found');
      return viewOf(found);
    });
  }

  /**
   * The owner who made the offer becomes an admin.
   * @throws ProblemError `not_found` if the offer is not for the caller, has expired, or its maker is no owner
   * anymore
   */
  @Handles(acceptOwnership)
  async accept(
    { organizationId }: RequestOf<typeof acceptOwnership>,
    context: ContextOf<typeof acceptOwnership>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, acceptOwnership, organizationId, async (tenant) => {
      const { manager, userId } = tenant;
      const transfer = await taken(tenant, tenant.userId);
      const { fromUserId } = transfer;
      const from = await membershipOf(manager, organizationId, fromUserId);
      if (from?.role !== 'owner') throw new ProblemError('not_found');
      await setRole(manager, { organizationId, userId: fromUserId }, { role: 'admin', customRoleId: null });
      await setRole(manager, { organizationId, userId }, { role: 'owner', customRoleId: null });
      await this.notices.tellMember(tenant, fromUserId, 'ownership_accepted');
      await record(tenant, 'ownership.accepted', transfer);
      return membershipOf(manager, organizationId, userId);
    });
    if (membership === undefined) throw new Error('The organization has no membership of its new owner.');
    return this.views.of(membership);
  }

  /** @throws ProblemError `not_found` */
  @Handles(declineOwnership)
  decline(
    { organizationId }: RequestOf<typeof declineOwnership>,
    context: ContextOf<typeof declineOwnership>,
  ): Promise<null> {
    return this.access.runLocked(
      context,
      { ...declineOwnership, evenSuspended: true },
      organizationId,
      async (tenant) => {
        await record(tenant, 'ownership.declined', await taken(tenant, tenant.userId));
        return null;
      },
    );
  }

  /**
   * Any owner can do this.
   * @throws ProblemError `not_found`
   */
  @Handles(withdrawOwnership)
  withdraw(
    { organizationId }: RequestOf<typeof withdrawOwnership>,
    context: ContextOf<typeof withdrawOwnership>,
  ): Promise<null> {
    return this.access.runLocked(context, withdrawOwnership, organizationId, async (tenant) => {
      await record(tenant, 'ownership.withdrawn', await taken(tenant, null));
      return null;
    });
  }
}

/** The target is the new owner. The change of both roles follows from the act. */
function record(tenant: Tenant, act: AuditAct, { fromUserId, toUserId, expiresAt }: Transfer): Promise<void> {
  const after = { fromUserId, toUserId, expiresAt: expiresAt.toISOString() };
  return tenant.record(act, { type: 'membership', id: toUserId }, { after });
}

async function taken({ manager, organizationId }: Tenant, toUserId: string | null): Promise<Transfer> {
  return required(await takeTransfer(manager, organizationId, toUserId), 'not_found');
}

function viewOf({ createdAt, expiresAt, ...transfer }: Transfer): OwnershipTransfer {
  return { ...transfer, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
