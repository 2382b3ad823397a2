import {
  createInvitation,
  createInvitations,
  invitationOutcome,
  invitationRequested,
  listInvitations,
  ProblemError,
  required,
  resendInvitation,
  revokeInvitation,
  type ContextOf,
  type Invitation,
  type InvitationOutcome,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { pageOf, positionOf } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { OrganizationAccess, type Tenant } from '../organization/organization-access';
import { roleToGive } from '../organization/roles';
import {
  invitationOf,
  invitationsOf,
  renewInvitation,
  revokePending,
  roleOfInvitation,
  viewOf,
} from './invitations.table';
import { inviteAll, newSelector, type Made, type Outcome } from './new-invitations';
import { Standing } from './standing';

/** The inviter's side. Limits are checked with the organization locked. */
@Controller()
export class InvitationHandler {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly outbox: Outbox,
  ) {}

  @Handles(listInvitations)
  async list(
    { organizationId, limit, cursor, state }: RequestOf<typeof listInvitations>,
    context: ContextOf<typeof listInvitations>,
  ): Promise<ResponseOf<typeof listInvitations>> {
    const after = positionOf(cursor);
    const rows = await this.access.run(context, listInvitations, organizationId, ({ manager }) =>
      invitationsOf(manager, organizationId, { after, state: state ?? null, limit: limit + 1 }),
    );
    return pageOf(rows, limit, viewOf);
  }

  @Handles(createInvitation)
  create(
    { organizationId, ...wish }: RequestOf<typeof createInvitation>,
    context: ContextOf<typeof createInvitation>,
  ): Promise<Invitation> {
    return this.access.runLocked(context, createInvitation, organizationId, async (tenant) => {
      const [outcome] = await this.invite(tenant, [wish]);
      if (outcome === undefined) throw new Error('There is no answer to an invitation.');
      if (outcome.result instanceof ProblemError) throw outcome.result;
      return outcome.result.invitation;
    });
  }

  /** A refused email address does not affect the others. */
  @Handles(createInvitations)
  createMany(
    { organizationId, invitations }: RequestOf<typeof createInvitations>,
    context: ContextOf<typeof createInvitations>,
  ): Promise<ResponseOf<typeof createInvitations>> {
    return this.access.runLocked(context, createInvitations, organizationId, async (tenant) => {
      const outcomes = await this.invite(tenant, invitations);
      return { data: outcomes.map(shown) };
    });
  }

  /** @throws ProblemError `not_found`, also if the invitation has ended */
  @Handles(revokeInvitation)
  revoke(
    { organizationId, invitationId }: RequestOf<typeof revokeInvitation>,
    context: ContextOf<typeof revokeInvitation>,
  ): Promise<null> {
    return this.access.run(context, revokeInvitation, organizationId, async (tenant) => {
      const revoked = required(await revokePending(tenant.manager, organizationId, invitationId), 'not_found');
      await tenant.record('invitation.revoked', { type: 'invitation', id: invitationId }, { before: revoked });
      return null;
    });
  }

  /** @throws ProblemError `not_found` if it was answered or revoked; otherwise like `create` */
  @Handles(resendInvitation)
  resend(
    { organizationId, invitationId }: RequestOf<typeof resendInvitation>,
    context: ContextOf<typeof resendInvitation>,
  ): Promise<Invitation> {
    return this.access.runLocked(context, resendInvitation, organizationId, async (tenant) => {
      requireLasting(tenant);
      const row = await invitationOf(tenant.manager, organizationId, invitationId);
      if (row === undefined || !['pending', 'expired'].includes(row.state)) throw new ProblemError('not_found');
      await roleToGive(tenant, roleOfInvitation(row));
      const standing = await Standing.of(tenant, [row.email]);
      standing.refuseMember(row.email);
      if (row.state === 'expired') standing.requirePlace();
      standing.requireMail();
      const selector = newSelector();
      const isRenewed = await renewInvitation(tenant.manager, { id: invitationId, organizationId, selector });
      if (!isRenewed) throw new ProblemError('not_found');
      const resent = await invitationOf(tenant.manager, organizationId, invitationId);
      if (resent === undefined) throw new Error('The invitation that was just sent again is not there.');
      await this.announce(tenant, 'invitation.resent', [{ invitation: viewOf(resent), selector }]);
      return viewOf(resent);
    });
  }

  private async invite(tenant: Tenant, wishes: RequestOf<typeof createInvitations>['invitations']): Promise<Outcome[]> {
    requireLasting(tenant);
    const outcomes = await inviteAll(tenant, wishes);
    const made = outcomes.flatMap(({ result }) => (result instanceof ProblemError ? [] : [result]));
    await this.announce(tenant, 'invitation.created', made);
    return outcomes;
  }

  /** The audit log comes last, because its chain is locked from the first entry on. */
  private async announce(
    { manager, record }: Tenant,
    act: 'invitation.created' | 'invitation.resent',
    made: readonly Made[],
  ): Promise<void> {
    for (const { invitation, selector } of made) {
      await this.outbox.add(manager, invitationRequested, { invitationId: invitation.id, selector });
    }
    for (const { invitation } of made) {
      const { id, email, role, roleName } = invitation;
      await record(act, { type: 'invitation', id }, { after: { email, role, roleName } });
    }
  }
}

/** Owners still see an organization that is being deleted, but no one can be invited to it. */
function requireLasting({ membership }: Tenant): void {
  if (membership.deleteAfter !== null) throw new ProblemError('not_found');
}

function shown({ email, result }: Outcome): InvitationOutcome {
  if (!(result instanceof ProblemError)) return { email, invitation: result.invitation, refusal: null };
  const refusal = invitationOutcome.shape.refusal.safeParse(result.code);
  if (!refusal.success) throw result;
  return { email, invitation: null, refusal: refusal.data };
}
