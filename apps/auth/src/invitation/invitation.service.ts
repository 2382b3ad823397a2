import {
  createInvitation,
  createInvitations,
  invitationDays,
  invitationOutcome,
  invitationRequested,
  listInvitations,
  ProblemError,
  resendInvitation,
  revokeInvitation,
  type ContextOf,
  type Invitation,
  type InvitationOutcome,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { execute, newId, queryRows } from '#libs/database';
import { randomToken } from '#libs/encryption';
import { Outbox } from '#libs/jobs';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AuditLog } from '../audit-log/audit-log';
import { pageOf, positionOf } from '../list/page';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import { roleToGive } from '../role/roles';
import { invitationOf, invitationsOf, isOpen, isPending, roleOfInvitation, viewOf } from './invitations';
import { refuseMembers, requireMails, requirePlace, standingOf } from './standing';

type Wish = RequestOf<typeof createInvitations>['invitations'][number];

/** The selector is a placeholder, and no verifier fits: the link is made when it is mailed. */
const insert = `
  INSERT INTO invitations (id, organization_id, email, role, custom_role_id, invited_by, selector, verifier_hash, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, '', now() + make_interval(days => $8))`;

const makePlace = `
  UPDATE invitations SET revoked_at = now()
  WHERE organization_id = $1 AND email = $2 AND ${isOpen} AND expires_at <= now()`;

const renew = `
  UPDATE invitations
  SET selector = $3, verifier_hash = '', expires_at = now() + make_interval(days => $4), sent_at = now(),
    sent_count = CASE WHEN sent_at > now() - interval '1 day' THEN sent_count + 1 ELSE 1 END
  WHERE organization_id = $1 AND id = $2 AND ${isOpen}`;

const revoke = `
  UPDATE invitations SET revoked_at = now() WHERE organization_id = $1 AND id = $2 AND ${isPending} RETURNING email`;

/** The inviters' side. What is counted is counted with the organisation locked. */
@Injectable()
export class InvitationService {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly outbox: Outbox,
    private readonly auditLog: AuditLog,
  ) {}

  async list(
    context: ContextOf<typeof listInvitations>,
    { organizationId, limit, cursor, state }: RequestOf<typeof listInvitations>,
  ): Promise<ResponseOf<typeof listInvitations>> {
    const after = positionOf(cursor);
    const rows = await this.access.run(context, listInvitations, organizationId, ({ manager }) =>
      invitationsOf(manager, organizationId, { after, state: state ?? null, limit: limit + 1 }),
    );
    return pageOf(rows, limit, viewOf);
  }

  create(
    context: ContextOf<typeof createInvitation>,
    { organizationId, ...wish }: RequestOf<typeof createInvitation>,
  ): Promise<Invitation> {
    return this.access.runLocked(context, createInvitation, organizationId, async (tenant) => {
      const made = await this.invite(tenant, wish);
      await this.record(tenant, 'invitation.created', made);
      return made;
    });
  }

  /** What one address is refused for keeps no other from being invited. */
  createMany(
    context: ContextOf<typeof createInvitations>,
    { organizationId, invitations }: RequestOf<typeof createInvitations>,
  ): Promise<ResponseOf<typeof createInvitations>> {
    return this.access.runLocked(context, createInvitations, organizationId, async (tenant) => {
      requireLasting(tenant);
      const data: InvitationOutcome[] = [];
      for (const wish of invitations) data.push(await outcomeOf(wish, this.invite(tenant, wish)));
      // Last, as the log's chain is locked from the first entry on.
      for (const { invitation } of data) {
        if (invitation !== null) await this.record(tenant, 'invitation.created', invitation);
      }
      return { data };
    });
  }

  /** @throws ProblemError `not_found` for one that is over as well */
  revoke(
    context: ContextOf<typeof revokeInvitation>,
    { organizationId, invitationId }: RequestOf<typeof revokeInvitation>,
  ): Promise<null> {
    return this.access.run(context, revokeInvitation, organizationId, async ({ manager }) => {
      const [revoked] = await queryRows(
        manager,
        revoke,
        [organizationId, invitationId],
        z.object({ email: z.string() }),
      );
      if (revoked === undefined) throw new ProblemError('not_found');
      const target = { type: 'invitation' as const, id: invitationId };
      await this.auditLog.record(manager, { organizationId, act: 'invitation.revoked', target, before: revoked });
      return null;
    });
  }

  /** @throws ProblemError `not_found` for one that was answered or revoked; else as `create` */
  resend(
    context: ContextOf<typeof resendInvitation>,
    { organizationId, invitationId }: RequestOf<typeof resendInvitation>,
  ): Promise<Invitation> {
    return this.access.runLocked(context, resendInvitation, organizationId, async (tenant) => {
      requireLasting(tenant);
      const row = await invitationOf(tenant.manager, organizationId, invitationId);
      if (row === undefined) throw new ProblemError('not_found');
      await roleToGive(tenant, roleOfInvitation(row));
      const standing = await standingOf(tenant, row.email);
      refuseMembers(tenant, standing);
      if (row.state === 'expired') requirePlace(standing);
      requireMails(standing);
      const selector = newSelector();
      const renewed = await execute(tenant.manager, renew, [organizationId, invitationId, selector, invitationDays]);
      if (renewed === 0) throw new ProblemError('not_found');
      const resent = await this.announce(tenant, invitationId, selector);
      await this.record(tenant, 'invitation.resent', resent);
      return resent;
    });
  }

  /** Changes nothing where it refuses. */
  private async invite(tenant: Tenant, { email, role: reference }: Wish): Promise<Invitation> {
    requireLasting(tenant);
    const { manager, organizationId, userId } = tenant;
    const { role, customRoleId } = await roleToGive(tenant, reference);
    const standing = await standingOf(tenant, email);
    refuseMembers(tenant, standing);
    if (standing.isPending) throw new ProblemError('invitation_pending');
    requirePlace(standing);
    requireMails(standing);
    await execute(manager, makePlace, [organizationId, email]);
    const [id, selector] = [newId(), newSelector()];
    const values = [id, organizationId, email, role, customRoleId, userId, selector, invitationDays];
    await execute(manager, insert, values);
    return this.announce(tenant, id, selector);
  }

  private record(
    { manager, organizationId }: Tenant,
    act: 'invitation.created' | 'invitation.resent',
    { id, email, role, roleName }: Invitation,
  ): Promise<void> {
    const target = { type: 'invitation' as const, id };
    return this.auditLog.record(manager, { organizationId, act, target, after: { email, role, roleName } });
  }

  private async announce({ manager, organizationId }: Tenant, id: string, selector: string): Promise<Invitation> {
    await this.outbox.add(manager, invitationRequested, { invitationId: id, selector });
    const row = await invitationOf(manager, organizationId, id);
    if (row === undefined) throw new Error('The invitation that was just written is not there.');
    return viewOf(row);
  }
}

const newSelector = () => randomToken(16);

/** Its owners still see one that is being deleted; nobody is invited there. */
function requireLasting({ membership }: Tenant): void {
  if (membership.deleteAfter !== null) throw new ProblemError('not_found');
}

async function outcomeOf({ email }: Wish, invited: Promise<Invitation>): Promise<InvitationOutcome> {
  try {
    return { email, invitation: await invited, refusal: null };
  } catch (error) {
    const refusal = invitationOutcome.shape.refusal.safeParse(error instanceof ProblemError ? error.code : undefined);
    if (!refusal.success || refusal.data === null) throw error;
    return { email, invitation: null, refusal: refusal.data };
  }
}
