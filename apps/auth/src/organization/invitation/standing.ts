import { ProblemError } from '#libs/contracts';
import { queryPrepared } from '#libs/database';
import { z } from 'zod';
import type { Tenant } from '../organization/organization-access';
import { isPending } from './invitations.table';

/** Per organization. */
const mostPending = 500;
/** Emails per organization and day, so that no one can send spam in its name. */
const mostMails = 1_000;

/** Members are counted only if there is a seat limit. */
const standing = {
  name: 'invitation-standing',
  sql: `
    SELECT seat_limit AS "seatLimit",
      ARRAY(SELECT email FROM memberships JOIN users ON users.id = user_id
        WHERE organization_id = organizations.id AND email = ANY($2)) AS members,
      ARRAY(SELECT email FROM invitations
        WHERE organization_id = organizations.id AND email = ANY($2) AND ${isPending}) AS invited,
      (SELECT count(*)::int FROM invitations WHERE organization_id = organizations.id AND ${isPending}) AS pending,
      mails, "nextMailInSeconds",
      CASE WHEN seat_limit IS NULL THEN 0
        ELSE (SELECT count(*)::int FROM memberships WHERE organization_id = organizations.id) END AS seated
    FROM organizations
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(sent_count), 0)::int AS mails,
        extract(epoch FROM min(sent_at) + interval '1 day' - now())::float8 AS "nextMailInSeconds"
      FROM invitations WHERE organization_id = organizations.id AND sent_at > now() - interval '1 day'
    ) AS sent
    WHERE id = $1`,
  row: z.object({
    seatLimit: z.int().nullable(),
    members: z.array(z.string()),
    invited: z.array(z.string()),
    pending: z.int(),
    mails: z.int(),
    /** Until the oldest email no longer counts. Null if there is none. */
    nextMailInSeconds: z.number().nullable(),
    seated: z.int(),
  }),
};

/** How email addresses relate to an organization: members, invitations, limits. Lock the organization first. */
export class Standing {
  private constructor(
    private readonly tenant: Tenant,
    private readonly found: z.output<typeof standing.row>,
  ) {}

  static async of(tenant: Tenant, emails: readonly string[]): Promise<Standing> {
    const [found] = await queryPrepared(tenant.manager, standing, [tenant.organizationId, emails]);
    if (found === undefined) throw new ProblemError('not_found');
    return new Standing(tenant, found);
  }

  /**
   * A caller who cannot see members must not learn who is one.
   * @throws ProblemError `already_member`
   */
  refuseMember(email: string): void {
    const mayKnow = this.tenant.permissions.includes('members:read');
    if (mayKnow && this.found.members.includes(email)) throw new ProblemError('already_member');
  }

  /** @throws ProblemError `rate_limited` */
  requireMail(): void {
    const { mails, nextMailInSeconds } = this.found;
    if (mails < mostMails) return;
    throw new ProblemError('rate_limited', { retryAfterSeconds: Math.max(1, Math.ceil(nextMailInSeconds ?? 1)) });
  }

  /**
   * Checks the limits for one more pending invitation.
   * @throws ProblemError `limit_reached`, `seat_limit_reached`
   */
  requirePlace(): void {
    const { pending, seated, seatLimit } = this.found;
    if (pending >= mostPending) throw new ProblemError('limit_reached');
    if (seatLimit !== null && seated + pending >= seatLimit) throw new ProblemError('seat_limit_reached');
  }

  /**
   * Counts an invitation of the email address.
   * @throws ProblemError `already_member`, `invitation_pending`, `limit_reached`, `seat_limit_reached`,
   * `rate_limited`
   */
  admit(email: string): void {
    this.refuseMember(email);
    if (this.found.invited.includes(email)) throw new ProblemError('invitation_pending');
    this.requirePlace();
    this.requireMail();
    this.found.invited.push(email);
    this.found.pending += 1;
    this.found.mails += 1;
  }
}
