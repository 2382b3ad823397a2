import {
  ProblemError,
  type acceptInvitation,
  type Client,
  type ContextOf,
  type InvitationPreview,
  type Organization,
  type registerByInvitation,
  type RequestOf,
  type Session,
} from '#libs/contracts';
import { acrossTenants, asTenant, execute, queryRows } from '#libs/database';
import { PasswordHasher } from '#libs/encryption';
import { locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuditLog } from '../../audit/audit-log/audit-log';
import { OrganizationViews } from '../organization/organization-views';
import { lockOrganization, membershipOf, roleOf } from '../organization/organizations';
import { PasswordPolicy } from '../../sign-in/password-policy/password-policy';
import { RegistrationService } from '../../sign-in/registration/registration.service';
import { requireSeat } from '../seat/seats';
import { SessionService } from '../../session/session/session.service';
import { lockAccountById } from '../../account/user/users';
import { InvitationTokens, offerBySelector, refuseWhatIsOver, type Offer, type OfferUse } from './invitation-tokens';
import { isPending } from './invitations';

/** Of two answers at once one finds it unanswered. */
const answer = (column: 'accepted_at' | 'declined_at') => `
  UPDATE invitations SET ${column} = now()
  WHERE organization_id = $1 AND id = $2 AND selector = $3 AND ${isPending}
  RETURNING role, custom_role_id AS "customRoleId"`;
const answered = z.object({ role: z.string(), customRoleId: z.uuid().nullable() });

const join = `
  INSERT INTO memberships (organization_id, user_id, role, custom_role_id) VALUES ($1, $2, $3, $4)
  ON CONFLICT DO NOTHING`;

/** The side of who is invited: whoever holds the link. */
@Injectable()
export class InvitationAnswerService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tokens: InvitationTokens,
    private readonly views: OrganizationViews,
    private readonly registration: RegistrationService,
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionService,
    private readonly auditLog: AuditLog,
  ) {}

  async look(token: string): Promise<InvitationPreview> {
    const offer = await this.tokens.open(token);
    const { organizationName, email, expiresAt } = offer;
    const roleName = roleOf(offer).name;
    return { organizationName, invitedBy: offer.inviterName, email, roleName, expiresAt: expiresAt.toISOString() };
  }

  /** @throws ProblemError `invitation_email_mismatch` for who is signed in under another address; what `join` and the token throw */
  async accept({ actor }: ContextOf<typeof acceptInvitation>, token: string): Promise<Organization> {
    const offer = await this.tokens.open(token);
    const { organizationId } = offer;
    const membership = await this.dataSource.transaction(async (manager) => {
      const user = await lockAccountById(manager, actor.userId);
      if (user === undefined) throw new ProblemError('unauthenticated');
      if (user.email !== offer.email || user.emailVerifiedAt === null)
        throw new ProblemError('invitation_email_mismatch');
      await this.join(manager, offer, user.id);
      return membershipOf(manager, organizationId, user.id);
    });
    if (membership === undefined) throw new Error('The membership that was just made is not there.');
    return this.views.of(membership);
  }

  async decline(token: string): Promise<null> {
    const offer = await this.tokens.open(token, 'decline');
    await this.dataSource.transaction(async (manager) => {
      await acrossTenants(manager);
      await use(manager, offer, 'declined_at');
      const { organizationId, email } = offer;
      const target = { type: 'invitation' as const, id: offer.id };
      await this.auditLog.record(manager, { organizationId, act: 'invitation.declined', target, before: { email } });
    });
    return null;
  }

  /**
   * Who holds the link reads the mail of the address: nothing more is needed to confirm it. An account that has been confirmed
   * before is left alone, as its password and second factor are its owner's to show.
   * @throws ProblemError `email_taken`; `validation_failed` for a bad password; what `join` and the token throw
   */
  async register(
    { token, name, password, locale: wished }: RequestOf<typeof registerByInvitation>,
    { client, locale: asked }: { readonly client: Client | null; readonly locale: string },
  ): Promise<Session> {
    const offer = await this.tokens.open(token);
    const { email } = offer;
    await this.policy.check('password', password, { email, name });
    const passwordHash = await this.hasher.hash(password);
    const registration = { email, name, passwordHash, locale: wished ?? locale.catch('en').parse(asked) };
    return this.dataSource.transaction(async (manager) => {
      const user = await this.registration.completeVerified(manager, registration);
      if (user === undefined) throw new ProblemError('email_taken');
      await this.join(manager, offer, user.id);
      return this.sessions.start(manager, user, { method: 'invitation', client, isNewDevice: false });
    });
  }

  /** @throws ProblemError `seat_limit_reached`, `already_member`; `token_…` when it was answered or ended meanwhile */
  private async join(manager: EntityManager, offer: Offer, userId: string): Promise<void> {
    const { organizationId } = offer;
    await asTenant(manager, { organizationId, userId });
    await lockOrganization(manager, organizationId);
    const { role, customRoleId } = await use(manager, offer, 'accepted_at');
    await requireSeat(manager, organizationId);
    const joined = await execute(manager, join, [organizationId, userId, role, customRoleId]);
    if (joined === 0) throw new ProblemError('already_member');
    const { reference, name } = roleOf(offer);
    const invitation = { type: 'invitation' as const, id: offer.id };
    const membership = { type: 'membership' as const, id: userId };
    const after = { role: reference, roleName: name };
    await this.auditLog.record(manager, { organizationId, act: 'invitation.accepted', target: invitation });
    await this.auditLog.record(manager, { organizationId, act: 'member.joined', target: membership, after });
  }
}

/** @throws ProblemError when the offer is no longer what it was when its token was looked at */
async function use(
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
