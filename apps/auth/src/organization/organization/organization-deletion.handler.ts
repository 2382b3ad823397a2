import { AuditLog } from '#libs/audit';
import {
  deleteOrganization,
  restoreOrganization,
  type ContextOf,
  type Organization,
  type RequestOf,
} from '#libs/contracts';
import { columnsOf, queryRows, transactAcrossTenants } from '#libs/database';
import { Every } from '#libs/jobs';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { StoredPictures } from '../../account/picture/stored-pictures';
import { OrganizationAccess } from './organization-access';
import { OrganizationNotices } from './organization-notices';
import { OrganizationViews } from './organization-views';
import { deleteOrganizationNow, OrganizationRecord, requestDeletion, takeDeletionBack } from './organizations.table';

const graceDays = 30;

/** Skips organizations that an owner is restoring or another replica is erasing right now. */
const dueColumns = columnsOf(OrganizationRecord, ['id', 'name', 'slug', 'logoObject']);
const due = `
  SELECT ${dueColumns.list} FROM organizations
  WHERE delete_after < now() ORDER BY delete_after LIMIT 1 FOR UPDATE SKIP LOCKED`;

/** Deletion takes two steps, so that neither a thief with an owner's session nor a mistake destroys an organization. */
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

  /** The organization is gone at once for everyone except its owners. */
  @Handles(deleteOrganization)
  async request(
    { organizationId }: RequestOf<typeof deleteOrganization>,
    context: ContextOf<typeof deleteOrganization>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, deleteOrganization, organizationId, async (tenant) => {
      const deleteAfter = await requestDeletion(tenant.manager, organizationId, graceDays);
      if (deleteAfter === undefined) return tenant.membership;
      await this.notices.tellOwners(tenant, 'deletion_requested', deleteAfter);
      const after = { deleteAfter: deleteAfter.toISOString() };
      await tenant.record('organization.deletion_requested', { type: 'organization', id: organizationId }, { after });
      return { ...tenant.membership, deleteAfter };
    });
    return this.views.of(membership);
  }

  /** Succeeds if there is nothing to restore. */
  @Handles(restoreOrganization)
  async restore(
    { organizationId }: RequestOf<typeof restoreOrganization>,
    context: ContextOf<typeof restoreOrganization>,
  ): Promise<Organization> {
    const membership = await this.access.runLocked(context, restoreOrganization, organizationId, async (tenant) => {
      const { manager, membership } = tenant;
      if (membership.deleteAfter === null) return membership;
      await takeDeletionBack(manager, organizationId);
      const before = { deleteAfter: membership.deleteAfter.toISOString() };
      await tenant.record('organization.restored', { type: 'organization', id: organizationId }, { before });
      return { ...membership, deleteAfter: null };
    });
    return this.views.of(membership);
  }

  @Every('auth.erase-organizations', { everyMs: 86_400_000 })
  async eraseDue(): Promise<void> {
    while (await transactAcrossTenants(this.dataSource, (manager) => this.eraseOne(manager)));
  }

  /** Members, roles, invitations and ownership offers are erased too. Returns whether there was one. */
  private async eraseOne(manager: EntityManager): Promise<boolean> {
    const [found] = await queryRows(manager, due, [], dueColumns.row);
    if (found === undefined) return false;
    if (found.logoObject !== null) await this.pictures.discard(manager, found.logoObject);
    await deleteOrganizationNow(manager, found.id);
    const { id: organizationId, name, slug } = found;
    const target = { type: 'organization' as const, id: organizationId };
    await this.auditLog.record(manager, {
      organizationId,
      act: 'organization.deleted',
      target,
      before: { name, slug },
    });
    return true;
  }
}
