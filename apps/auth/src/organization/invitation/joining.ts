import type { AuditLog } from '#libs/audit';
import { ProblemError, required } from '#libs/contracts';
import { asTenant } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { roleOf } from '../organization/organization-roles.table';
import { lockOrganization } from '../organization/organizations.table';
import { requireSeat } from '../seat/seats';
import { offerBySelector, refuseWhatIsOver, type Offer, type OfferUse } from './invitation-tokens';
import { answerInvitation } from './invitations.table';
import { insertMembership, type GivenRole } from '../organization/memberships.table';

/** @throws ProblemError `seat_limit_reached`, `already_member`; `token_…` if it was answered or ended in between */
export async function join(manager: EntityManager, auditLog: AuditLog, offer: Offer, userId: string): Promise<void> {
  const { organizationId } = offer;
  await asTenant(manager, { organizationId, userId });
  await lockOrganization(manager, organizationId);
  const role = await useOffer(manager, offer, 'accepted_at');
  await requireSeat(manager, organizationId);
  if (!(await insertMembership(manager, { organizationId, userId }, role))) throw new ProblemError('already_member');
  const { reference, name } = roleOf(offer);
  const invitation = { type: 'invitation' as const, id: offer.id };
  const membership = { type: 'membership' as const, id: userId };
  const after = { role: reference, roleName: name };
  await auditLog.record(manager, { organizationId, act: 'invitation.accepted', target: invitation });
  await auditLog.record(manager, { organizationId, act: 'member.joined', target: membership, after });
}

/** @throws ProblemError if the invitation has changed since its token was checked */
export async function useOffer(
  manager: EntityManager,
  offer: Offer,
  column: 'accepted_at' | 'declined_at',
): Promise<GivenRole> {
  const purpose = column === 'declined_at' ? 'decline' : 'join';
  await requireOpen(manager, offer.selector, purpose);
  const used = await answerInvitation(manager, offer, column);
  if (used !== undefined) return used;
  // Another answer or the end of the invitation came in between.
  await requireOpen(manager, offer.selector, purpose);
  throw new ProblemError('token_invalid');
}

async function requireOpen(manager: EntityManager, selector: string, use: OfferUse): Promise<void> {
  const offer = required(await offerBySelector(manager, selector), 'token_invalid');
  refuseWhatIsOver(offer, use);
}
