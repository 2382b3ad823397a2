import { ProblemError } from '#libs/contracts';
import { asTenant, execute, queryRows } from '#libs/database';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { AuditLog } from '../../audit/audit-log/audit-log';
import { lockOrganization, roleOf } from '../organization/organizations';
import { requireSeat } from '../seat/seats';
import { offerBySelector, refuseWhatIsOver, type Offer, type OfferUse } from './invitation-tokens';
import { isPending } from './invitations';

/** Of two answers at once one finds it unanswered. */
const answer = (column: 'accepted_at' | 'declined_at') => `
  UPDATE invitations SET ${column} = now()
  WHERE organization_id = $1 AND id = $2 AND selector = $3 AND ${isPending}
  RETURNING role, custom_role_id AS "customRoleId"`;
const answered = z.object({ role: z.string(), customRoleId: z.uuid().nullable() });

const insertMembership = `
  INSERT INTO memberships (organization_id, user_id, role, custom_role_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`;

/** @throws ProblemError `seat_limit_reached`, `already_member`; `token_…` when it was answered or ended meanwhile */
export async function join(manager: EntityManager, auditLog: AuditLog, offer: Offer, userId: string): Promise<void> {
  const { organizationId } = offer;
  await asTenant(manager, { organizationId, userId });
  await lockOrganization(manager, organizationId);
  const { role, customRoleId } = await useOffer(manager, offer, 'accepted_at');
  await requireSeat(manager, organizationId);
  const joined = await execute(manager, insertMembership, [organizationId, userId, role, customRoleId]);
  if (joined === 0) throw new ProblemError('already_member');
  const { reference, name } = roleOf(offer);
  const invitation = { type: 'invitation' as const, id: offer.id };
  const membership = { type: 'membership' as const, id: userId };
  const after = { role: reference, roleName: name };
  await auditLog.record(manager, { organizationId, act: 'invitation.accepted', target: invitation });
  await auditLog.record(manager, { organizationId, act: 'member.joined', target: membership, after });
}

/** @throws ProblemError when the offer is no longer what it was when its token was looked at */
export async function useOffer(
  manager: EntityManager,
  { organizationId, id, selector }: Offer,
  column: 'accepted_at' | 'declined_at',
): Promise<z.output<typeof answered>> {
  const purpose = column === 'declined_at' ? 'decline' : 'join';
  await requireOpen(manager, selector, purpose);
  const [used] = await queryRows(manager, answer(column), [organizationId, id, selector], answered);
  if (used !== undefined) return used;
  // Another answer, or its end, came in between.
  await requireOpen(manager, selector, purpose);
  throw new ProblemError('token_invalid');
}

async function requireOpen(manager: EntityManager, selector: string, use: OfferUse): Promise<void> {
  const offer = await offerBySelector(manager, selector);
  if (offer === undefined) throw new ProblemError('token_invalid');
  refuseWhatIsOver(offer, use);
}
