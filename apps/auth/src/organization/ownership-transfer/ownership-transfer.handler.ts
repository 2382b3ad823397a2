import {
  acceptOwnership,
  declineOwnership,
  getOwnershipTransfer,
  offerOwnership,
  ProblemError,
  transferDays,
  withdrawOwnership,
  type AuditAct,
  type ContextOf,
  type Organization,
  type OwnershipTransfer,
  type RequestOf,
} from '#libs/contracts';
import { execute, queryRows } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { AuditLog } from '../../audit/audit-log/audit-log';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import { OrganizationNotices } from '../organization/organization-notices';
import { OrganizationViews } from '../organization/organization-views';
import { membershipOf } from '../organization/organizations';

const row = z.object({ fromUserId: z.uuid(), toUserId: z.uuid(), createdAt: z.date(), expiresAt: z.date() });

const columns = `
  from_user_id AS "fromUserId", to_user_id AS "toUserId", created_at AS "createdAt", expires_at AS "expiresAt"`;

const open = `SELECT ${columns} FROM ownership_transfers WHERE organization_id = $1 AND expires_at > now()`;

/** An expired offer makes place for the next one. */
const offer = `
  INSERT INTO ownership_transfers (organization_id, from_user_id, to_user_id, expires_at)
  VALUES ($1, $2, $3, now() + make_interval(days => $4))
  ON CONFLICT (organization_id) DO UPDATE
    SET from_user_id = $2, to_user_id = $3, created_at = now(), expires_at = excluded.expires_at
    WHERE ownership_transfers.expires_at <= now()
  RETURNING ${columns}`;

/** Consumes what was offered to somebody: of two who do so at once, one finds it. */
const take = `
  DELETE FROM ownership_transfers WHERE organization_id = $1 AND to_user_id = $2 AND expires_at > now()
  RETURNING ${columns}`;

/** Ownership changes hands when both want it: an owner offers it, and another member accepts. */
@Controller()
export class OwnershipTransferHandler {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly views: OrganizationViews,
    private readonly notices: OrganizationNotices,
    private readonly auditLog: AuditLog,
  ) {}

  /** @throws ProblemError `transfer_pending`; `validation_failed` for oneself and for who is no member */
  @Handles(offerOwnership)
  offer(
    { organizationId, userId }: RequestOf<typeof offerOwnership>,
    context: ContextOf<typeof offerOwnership>,
  ): Promise<OwnershipTransfer> {
    return this.access.runLocked(context, offerOwnership, organizationId, async (tenant) => {
      const { manager } = tenant;
      if (userId === tenant.userId) throw invalidHeir('is_yourself', 'It is yours already.');
      const heir = await membershipOf(manager, organizationId, userId);
      if (heir === undefined) throw invalidHeir('not_a_member', 'Nobody with this id is a member. Invite them first.');
      const [made] = await queryRows(manager, offer, [organizationId, tenant.userId, userId, transferDays], row);
      if (made === undefined) throw new ProblemError('transfer_pending');
      await this.notices.tellMember(tenant, userId, 'ownership_offered', made.expiresAt);
      await this.record(tenant, 'ownership.offered', made);
      return viewOf(made);
    });
  }

  /** @throws ProblemError `not_found` when nothing is offered */
  @Handles(getOwnershipTransfer)
  get(
    { organizationId }: RequestOf<typeof getOwnershipTransfer>,
    context: ContextOf<typeof getOwnershipTransfer>,
  ): Promise<OwnershipTransfer> {
    return this.access.run(context, getOwnershipTransfer, organizationId, async ({ manager }) => {
      const [found] = await queryRows(manager, open, [organizationId], row);
      if (found === undefined) throw new ProblemError('not_found');
      return viewOf(found);
    });
  }

  /** Whoever made the offer becomes an admin. @throws ProblemError `not_found` when it was not made to the person, has expired, or is no owner's any more */
  @Handles(acceptOwnership)
  async accept(
    { organizationId }: RequestOf<typeof acceptOwnership>,
    context: ContextOf<typeof acceptOwnership>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, acceptOwnership, organizationId, async (tenant) => {
      const { manager, userId } = tenant;
      const transfer = await taken(tenant);
      const { fromUserId } = transfer;
      const from = await membershipOf(manager, organizationId, fromUserId);
      if (from?.role !== 'owner') throw new ProblemError('not_found');
      await execute(manager, become('admin'), [organizationId, fromUserId]);
      await execute(manager, become('owner'), [organizationId, userId]);
      await this.notices.tellMember(tenant, fromUserId, 'ownership_accepted');
      await this.record(tenant, 'ownership.accepted', transfer);
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
        await this.record(tenant, 'ownership.declined', await taken(tenant));
        return null;
      },
    );
  }

  /** By any owner. @throws ProblemError `not_found` */
  @Handles(withdrawOwnership)
  withdraw(
    { organizationId }: RequestOf<typeof withdrawOwnership>,
    context: ContextOf<typeof withdrawOwnership>,
  ): Promise<null> {
    return this.access.runLocked(context, withdrawOwnership, organizationId, async (tenant) => {
      const sql = `DELETE FROM ownership_transfers WHERE organization_id = $1 AND expires_at > now() RETURNING ${columns}`;
      const [withdrawn] = await queryRows(tenant.manager, sql, [organizationId], row);
      if (withdrawn === undefined) throw new ProblemError('not_found');
      await this.record(tenant, 'ownership.withdrawn', withdrawn);
      return null;
    });
  }

  /** The heir is what it is about; what became of the two roles follows from the act. */
  private record(
    { manager, organizationId }: Tenant,
    act: AuditAct,
    { fromUserId, toUserId, expiresAt }: z.output<typeof row>,
  ): Promise<void> {
    const after = { fromUserId, toUserId, expiresAt: expiresAt.toISOString() };
    return this.auditLog.record(manager, { organizationId, act, target: { type: 'membership', id: toUserId }, after });
  }
}

const become = (role: 'owner' | 'admin') =>
  `UPDATE memberships SET role = '${role}', custom_role_id = NULL WHERE organization_id = $1 AND user_id = $2`;

async function taken({ manager, organizationId, userId }: Tenant): Promise<z.output<typeof row>> {
  const [found] = await queryRows(manager, take, [organizationId, userId], row);
  if (found === undefined) throw new ProblemError('not_found');
  return found;
}

function invalidHeir(code: string, message: string): ProblemError {
  return new ProblemError('validation_failed', { errors: [{ path: 'userId', code, message }] });
}

function viewOf({ createdAt, expiresAt, ...transfer }: z.output<typeof row>): OwnershipTransfer {
  return { ...transfer, createdAt: createdAt.toISOString(), expiresAt: expiresAt.toISOString() };
}
