import { invitationDays, mailRequested, type EventPayload, type invitationRequested } from '#libs/contracts';
import { acrossTenants, execute, queryRows } from '#libs/database';
import { Outbox } from '#libs/jobs';
import { defaultLocale, locale } from '#libs/validation';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { AuthConfig } from '../../config';
import { InvitationTokens } from './invitation-tokens';
import { isPending } from './invitations';

/** To one address in a day, whoever invites it where: more would be somebody's way to annoy its owner. */
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

const setToken = `
  UPDATE invitations SET selector = $3, verifier_hash = $4 WHERE id = $1 AND selector = $2 AND ${isPending}`;

@Injectable()
export class InvitationMailService {
  constructor(
    private readonly config: AuthConfig,
    private readonly tokens: InvitationTokens,
    private readonly outbox: Outbox,
  ) {}

  /** Makes the link and mails it, unless the invitation is over or was sent again meanwhile. The token is in the fragment: no server or referrer sees it. */
  async send(
    manager: EntityManager,
    { invitationId, selector }: EventPayload<typeof invitationRequested>,
  ): Promise<void> {
    await acrossTenants(manager);
    const [found] = await queryRows(manager, pending, [invitationId, selector], recipient);
    if (found === undefined || found.mails > mostMails) return;
    const { token, ...stored } = await this.tokens.create();
    const set = await execute(manager, setToken, [invitationId, selector, stored.selector, stored.verifierHash]);
    if (set === 0) return;
    const { email, organization, invitedBy } = found;
    const url = `${this.config.publicUrl}/invitation#token=${token}`;
    await this.outbox.add(manager, mailRequested, {
      to: email,
      locale: found.locale,
      mail: { template: 'invitation', organization, invitedBy, url, expiresInDays: invitationDays },
    });
  }
}
