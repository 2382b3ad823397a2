import { ProblemError } from '#libs/contracts';
import { queryPrepared } from '#libs/database';
import { z } from 'zod';
import type { Tenant } from '../organization/organization-access';
import { isPending } from './invitations';

/** Of one organisation. */
const mostPending = 500;
/** That one organisation asks for in a day, so that nobody mails the world in its name. */
const mostMails = 1_000;
const retryAfterSeconds = 3_600;

/** Members are counted only where their number matters. */
const standing = {
  name: 'invitation-standing',
  sql: `
    SELECT seat_limit AS "seatLimit",
      EXISTS (SELECT FROM memberships JOIN users ON users.id = user_id
        WHERE organization_id = organizations.id AND email = $2) AS "isMember",
      EXISTS (SELECT FROM invitations WHERE organization_id = organizations.id AND email = $2 AND ${isPending}) AS "isPending",
      (SELECT count(*)::int FROM invitations WHERE organization_id = organizations.id AND ${isPending}) AS pending,
      (SELECT coalesce(sum(sent_count), 0)::int FROM invitations
        WHERE organization_id = organizations.id AND sent_at > now() - interval '1 day') AS mails,
      CASE WHEN seat_limit IS NULL THEN 0
        ELSE (SELECT count(*)::int FROM memberships WHERE organization_id = organizations.id) END AS members
    FROM organizations WHERE id = $1`,
  row: z.object({
    seatLimit: z.int().nullable(),
    isMember: z.boolean(),
    isPending: z.boolean(),
    pending: z.int(),
    mails: z.int(),
    members: z.int(),
  }),
};
type Standing = z.output<typeof standing.row>;

/** How an address and the organisation stand to each other. The organisation is locked, or what is counted here changes meanwhile. */
export async function standingOf({ manager, organizationId }: Tenant, email: string): Promise<Standing> {
  const [found] = await queryPrepared(manager, standing, [organizationId, email]);
  if (found === undefined) throw new ProblemError('not_found');
  return found;
}

/** Who may not see the members is not told by this way either who is one. @throws ProblemError `already_member` */
export function refuseMembers(tenant: Tenant, { isMember }: Standing): void {
  if (isMember && tenant.permissions.includes('members:read')) throw new ProblemError('already_member');
}

/** @throws ProblemError `rate_limited` */
export function requireMails({ mails }: Standing): void {
  if (mails >= mostMails) throw new ProblemError('rate_limited', { retryAfterSeconds });
}

/** For one more pending invitation. @throws ProblemError `limit_reached`, `seat_limit_reached` */
export function requirePlace({ pending, members, seatLimit }: Standing): void {
  if (pending >= mostPending) throw new ProblemError('limit_reached');
  if (seatLimit !== null && members + pending >= seatLimit) throw new ProblemError('seat_limit_reached');
}
