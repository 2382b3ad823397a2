import type { OrganizationNotice } from '#libs/contracts';
import { columnsOf, queryRows } from '#libs/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { User } from '../../account/user/users.table';
import { Mails } from '../../account/mail/mails';
import type { Tenant } from './organization-access';

const told = columnsOf(User, ['email', 'name', 'locale']);
const recipient = told.row.and(z.object({ by: z.string() }));

const members = `
  SELECT ${told.list}, (SELECT name FROM users WHERE id = $2) AS by
  FROM memberships JOIN users ON users.id = user_id WHERE organization_id = $1`;
const one = `${members} AND user_id = $3`;
const owners = `${members} AND role = 'owner' ORDER BY user_id LIMIT 100`;

/** Emails members about changes of ownership, in the transaction of the act. */
@Injectable()
export class OrganizationNotices {
  constructor(private readonly mails: Mails) {}

  async tellMember(
    tenant: Tenant,
    userId: string,
    event: OrganizationNotice,
    until: Date | null = null,
  ): Promise<void> {
    const whom = [tenant.organizationId, tenant.userId, userId];
    await this.send(tenant, await queryRows(tenant.manager, one, whom, recipient), event, until);
  }

  /** Includes the owner who did it, because someone else may have used that owner's session. */
  async tellOwners(tenant: Tenant, event: OrganizationNotice, until: Date | null = null): Promise<void> {
    const whom = [tenant.organizationId, tenant.userId];
    await this.send(tenant, await queryRows(tenant.manager, owners, whom, recipient), event, until);
  }

  private async send(
    { manager, membership }: Tenant,
    recipients: readonly z.output<typeof recipient>[],
    event: OrganizationNotice,
    until: Date | null,
  ): Promise<void> {
    const about = { event, organization: membership.name, until: until?.toISOString() ?? null };
    for (const { name, by, ...recipient } of recipients) {
      await this.mails.send(manager, recipient, { template: 'organization-notice', name, by, ...about });
    }
  }
}
