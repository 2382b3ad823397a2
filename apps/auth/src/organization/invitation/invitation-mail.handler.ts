import { invitationDays, invitationRequested, type EventPayload } from '#libs/contracts';
import { acrossTenants, queryRows } from '#libs/database';
import { OnEvent, type EventDelivery } from '#libs/jobs';
import { defaultLocale, locale } from '#libs/validation';
import { Controller } from '@nestjs/common';
import { z } from 'zod';
import { Mails } from '../../account/mail/mails';
import { InvitationTokens } from './invitation-tokens';
import { isPending, setLink } from './invitations.table';

/**
 * Emails to one address in a day, from all organizations together, so that invitations cannot be used to harass
 * its owner.
 */
const mostMails = 10;

const recipient = z.object({
  email: z.string(),
  organization: z.string(),
  invitedBy: z.string().nullable(),
  locale: locale.catch(defaultLocale),
  mails: z.int(),
});

const pending = `
  SELECT invitations.email, organizations.name AS organization, inviter.name AS "invitedBy",
    coalesce(account.locale, inviter.locale) AS locale,
    (SELECT sum(others.sent_count)::int FROM invitations AS others
      WHERE others.email = invitations.email AND others.sent_at > now() - interval '1 day') AS mails
  FROM invitations JOIN organizations ON organizations.id = invitations.organization_id
    LEFT JOIN users AS inviter ON inviter.id = invitations.invited_by
    LEFT JOIN users AS account ON account.email = invitations.email
  WHERE invitations.id = $1 AND invitations.selector = $2 AND ${isPending}
    AND organizations.suspended_at IS NULL AND organizations.delete_after IS NULL`;

@Controller()
export class InvitationMailHandler {
  constructor(
    private readonly tokens: InvitationTokens,
    private readonly mails: Mails,
  ) {}

  /** Creates the link and emails it, unless the invitation has ended or was sent again. */
  @OnEvent(invitationRequested)
  async onRequested(
    { invitationId, selector }: EventPayload<typeof invitationRequested>,
    { manager }: Pick<EventDelivery, 'manager'>,
  ): Promise<void> {
    await acrossTenants(manager);
    const [found] = await queryRows(manager, pending, [invitationId, selector], recipient);
    if (found === undefined || found.mails > mostMails) return;
    const { token, ...stored } = await this.tokens.create();
    if (!(await setLink(manager, { id: invitationId, selector }, stored))) return;
    const { organization, invitedBy } = found;
    const url = this.mails.link('invitation', token);
    const mail = { template: 'invitation' as const, organization, invitedBy, url, expiresInDays: invitationDays };
    await this.mails.send(manager, found, mail);
  }
}
