import {
  deleteOrganization,
  restoreOrganization,
  type AuditAct,
  type ContextOf,
  type Organization,
  type RequestOf,
} from '#libs/contracts';
import { acrossTenants, execute, queryRows } from '#libs/database';
import { Every } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { z } from 'zod';
import { StoredPictures } from '../../account/picture/stored-pictures';
import { AuditLog, type AuditInput } from '../../audit/audit-log/audit-log';
import { OrganizationAccess } from './organization-access';
import { OrganizationNotices } from './organization-notices';
import { OrganizationViews } from './organization-views';

const graceDays = 30;

const deleteAfter = z.object({ deleteAfter: z.date() });

/** Asked for again, the first date stays. */
const request = `
  UPDATE organizations
  SET deletion_requested_at = now(), delete_after = now() + make_interval(days => $2), updated_at = now()
  WHERE id = $1 AND delete_after IS NULL RETURNING delete_after AS "deleteAfter"`;

const takeBack = `
  UPDATE organizations SET deletion_requested_at = NULL, delete_after = NULL, updated_at = now() WHERE id = $1`;

/** One that an owner is restoring right now is left alone; so is one that another replica erases. */
const due = `
  SELECT id, name, slug, logo_object AS "logoObject" FROM organizations
  WHERE delete_after < now() ORDER BY delete_after LIMIT 1 FOR UPDATE SKIP LOCKED`;

const dueRow = z.object({ id: z.uuid(), name: z.string(), slug: z.string(), logoObject: z.uuid().nullable() });

/** An organization is deleted in two steps, so that neither a thief with an owner's session nor a slip destroys it. */
@Controller()
export class OrganizationDeletionHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly access: OrganizationAccess,
    private readonly views: OrganizationViews,
    private readonly pictures: StoredPictures,
    private readonly notices: OrganizationNotices,
    private readonly auditLog: AuditLog,
  ) {}

  /** For all but its owners it is gone at once. */
  @Handles(deleteOrganization)
  async request(
    { organizationId }: RequestOf<typeof deleteOrganization>,
    context: ContextOf<typeof deleteOrganization>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, deleteOrganization, organizationId, async (tenant) => {
      const [requested] = await queryRows(tenant.manager, request, [organizationId, graceDays], deleteAfter);
      if (requested === undefined) return tenant.membership;
      await this.notices.tellOwners(tenant, 'deletion_requested', requested.deleteAfter);
      await this.auditLog.record(tenant.manager, {
        ...entryOf('organization.deletion_requested', organizationId),
        after: { deleteAfter: requested.deleteAfter.toISOString() },
      });
      return { ...tenant.membership, ...requested };
    });
    return this.views.of(membership);
  }

  /** There need not be anything to take back. */
  @Handles(restoreOrganization)
  async restore(
    { organizationId }: RequestOf<typeof restoreOrganization>,
    context: ContextOf<typeof restoreOrganization>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, restoreOrganization, organizationId, async (tenant) => {
      const { manager, membership: before } = tenant;
      if (before.deleteAfter === null) return before;
      await execute(manager, takeBack, [organizationId]);
      await this.auditLog.record(manager, {
        ...entryOf('organization.restored', organizationId),
        before: { deleteAfter: before.deleteAfter.toISOString() },
      });
      return { ...before, deleteAfter: null };
    });
    return this.views.of(membership);
  }

  @Every('auth.erase-organizations', { everyMs: 86_400_000 })
  async eraseDue(): Promise<void> {
    while (await this.dataSource.transaction((manager) => this.eraseOne(manager)));
  }

  /** Its members, roles, invitations and offers go with it. @returns whether there was one */
  private async eraseOne(manager: EntityManager): Promise<boolean> {
    await acrossTenants(manager);
    const [found] = await queryRows(manager, due, [], dueRow);
    if (found === undefined) return false;
    if (found.logoObject !== null) await this.pictures.discard(manager, found.logoObject);
    await execute(manager, 'DELETE FROM organizations WHERE id = $1', [found.id]);
    const { name, slug } = found;
    await this.auditLog.record(manager, { ...entryOf('organization.deleted', found.id), before: { name, slug } });
    return true;
  }
}

function entryOf(act: AuditAct, organizationId: string): AuditInput {
  return { organizationId, act, target: { type: 'organization', id: organizationId } };
}
