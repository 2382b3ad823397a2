import { AuditLog } from '#libs/audit';
import {
  createOrganization,
  getOrganization,
  listOrganizations,
  ProblemError,
  renameOrganization,
  type ContextOf,
  type Organization,
  type RequestOf,
  type ResponseOf,
} from '#libs/contracts';
import { asTenant, asUser, newId, pageOf, positionOf } from '#libs/database';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { lockUser } from '../../account/user/users.table';
import { OrganizationAccess } from './organization-access';
import { OrganizationViews } from './organization-views';
import { insertMembership, MembershipRecord, membershipOf, membershipsOf } from './memberships.table';
import { insertOrganization, updateOrganization } from './organizations.table';
import { slugOf } from './slug';

const mostOwned = 100;

@Controller()
export class OrganizationHandler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly access: OrganizationAccess,
    private readonly views: OrganizationViews,
    private readonly auditLog: AuditLog,
  ) {}

  /** @throws ProblemError `limit_reached`; `unauthenticated` if the account is gone */
  @Handles(createOrganization)
  async create(
    { name }: RequestOf<typeof createOrganization>,
    { actor: { userId } }: ContextOf<typeof createOrganization>,
  ): Promise<Organization> {
    const organizationId = newId();
    const membership = await this.dataSource.transaction(async (manager) => {
      await asTenant(manager, { organizationId, userId });
      await admitOwner(manager, userId);
      const slug = await insertWithSlug(manager, organizationId, name);
      await insertMembership(manager, { organizationId, userId }, { role: 'owner', customRoleId: null });
      const target = { type: 'organization' as const, id: organizationId };
      await this.auditLog.record(manager, {
        organizationId,
        act: 'organization.created',
        target,
        after: { name, slug },
      });
      return membershipOf(manager, organizationId, userId);
    });
    if (membership === undefined) throw new Error('The organization that was just created is not there.');
    return this.views.of(membership);
  }

  @Handles(listOrganizations)
  async list(
    { limit, cursor }: RequestOf<typeof listOrganizations>,
    { actor: { userId } }: ContextOf<typeof listOrganizations>,
  ): Promise<ResponseOf<typeof listOrganizations>> {
    const after = positionOf(cursor);
    const memberships = await this.dataSource.transaction(async (manager) => {
      await asUser(manager, userId);
      return membershipsOf(manager, userId, after, limit + 1);
    });
    const { data, nextCursor } = pageOf(memberships, limit, (membership) => this.views.of(membership));
    return { data: await Promise.all(data), nextCursor };
  }

  @Handles(getOrganization)
  async get(
    { organizationId }: RequestOf<typeof getOrganization>,
    context: ContextOf<typeof getOrganization>,
  ): Promise<Organization> {
    const { membership } = await this.access.run(context, getOrganization, organizationId, async (tenant) => tenant);
    return this.views.of(membership);
  }

  @Handles(renameOrganization)
  async rename(
    { organizationId, name }: RequestOf<typeof renameOrganization>,
    context: ContextOf<typeof renameOrganization>,
  ): Promise<Organization> {
    const renamed = await this.access.runLocked(context, renameOrganization, organizationId, async (tenant) => {
      await updateOrganization(tenant.manager, organizationId, { name });
      const change = { before: { name: tenant.membership.name }, after: { name } };
      await tenant.record('organization.updated', { type: 'organization', id: organizationId }, change);
      return { ...tenant.membership, name };
    });
    return this.views.of(renamed);
  }
}

/**
 * Locks the user, so that concurrent requests cannot pass the limit.
 * @throws ProblemError `unauthenticated`, `limit_reached`
 */
async function admitOwner(manager: EntityManager, userId: string): Promise<void> {
  if (!(await lockUser(manager, userId))) throw new ProblemError('unauthenticated');
  const owned = await manager.countBy(MembershipRecord, { userId, role: 'owner' });
  if (owned >= mostOwned) throw new ProblemError('limit_reached');
}

/** @returns the slug of the name, with random characters appended if another organization has it */
async function insertWithSlug(manager: EntityManager, id: string, name: string): Promise<string> {
  const slug = slugOf(name);
  // The end of a UUIDv7 is random.
  for (const each of [slug, `${slug}-${id.slice(-8)}`]) {
    if (await insertOrganization(manager, { id, name, slug: each })) return each;
  }
  throw new Error('No free slug for an organization was found.');
}
