import { AuditLog, auditPage } from '#libs/audit';
import {
  listPlatformAudit,
  ProblemError,
  reinstateOrganization,
  searchOrganizations,
  suspendOrganization,
  type AdminOrganization,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
  type SessionActor,
} from '#libs/contracts';
import { columnsOf, PrefixSearch, queryRows, transactAcrossTenants } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { OrganizationRecord, setSuspended } from '../../organization/organization/organizations.table';
import { requireStanding } from '../role/staff-standing';

const shown = columnsOf(OrganizationRecord, ['id', 'name', 'slug', 'createdAt', 'suspendedAt', 'deleteAfter']);
const columns = `${shown.list},
  (SELECT count(*)::int FROM memberships WHERE organization_id = organizations.id) AS members`;
const row = shown.row.and(z.object({ members: z.int() }));

const search = new PrefixSearch({ table: 'organizations', key: 'slug', name: 'name_key', columns, row });
const oneById = `SELECT ${columns} FROM organizations WHERE id = $1`;

/** What staff can see and do in organizations that they do not belong to. */
@Controller()
export class OrganizationAdministrationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly auditLog: AuditLog,
  ) {}

  /** @throws ProblemError `validation_failed` */
  @Handles(searchOrganizations)
  search(request: RequestOf<typeof searchOrganizations>): Promise<ResponseOf<typeof searchOrganizations>> {
    return transactAcrossTenants(this.dataSource, (manager) => search.page(manager, request, present));
  }

  /** @throws ProblemError `validation_failed` */
  @Handles(listPlatformAudit)
  auditEntries(request: RequestOf<typeof listPlatformAudit>): Promise<ResponseInput<typeof listPlatformAudit>> {
    const { organizationId, ...page } = request;
    return transactAcrossTenants(this.dataSource, (manager) => auditPage(manager, organizationId ?? null, page));
  }

  /**
   * Suspending again changes nothing. Members see the suspension in their audit log, but only the platform's has
   * the reason.
   * @throws ProblemError `not_found`, `unauthenticated`
   */
  @Handles(suspendOrganization)
  suspend(
    { organizationId: id, reason }: RequestOf<typeof suspendOrganization>,
    { actor }: ContextOf<typeof suspendOrganization>,
  ): Promise<AdminOrganization> {
    return this.change(actor, id, true, { reason });
  }

  /** @throws ProblemError `not_found`, `unauthenticated` */
  @Handles(reinstateOrganization)
  reinstate(
    { organizationId: id }: RequestOf<typeof reinstateOrganization>,
    { actor }: ContextOf<typeof reinstateOrganization>,
  ): Promise<AdminOrganization> {
    return this.change(actor, id, false, {});
  }

  private change(
    actor: SessionActor,
    id: string,
    suspends: boolean,
    why: { readonly reason?: string },
  ): Promise<AdminOrganization> {
    return transactAcrossTenants(this.dataSource, async (manager) => {
      await requireStanding(manager, actor, 'admin');
      const isChanged = await setSuspended(manager, id, suspends);
      const [organization] = await queryRows(manager, oneById, [id], row);
      if (organization === undefined) throw new ProblemError('not_found');
      if (!isChanged) return present(organization);
      const act = suspends ? 'organization.suspended' : 'organization.reinstated';
      const target = { type: 'organization' as const, id };
      await this.auditLog.record(manager, { organizationId: id, act, target });
      await this.auditLog.recordForPlatform(manager, act, target, { after: why });
      return present(organization);
    });
  }
}

function present({ createdAt, suspendedAt, deleteAfter, ...organization }: z.output<typeof row>): AdminOrganization {
  return {
    ...organization,
    createdAt: createdAt.toISOString(),
    suspendedAt: suspendedAt?.toISOString() ?? null,
    deleteAfter: deleteAfter?.toISOString() ?? null,
  };
}
