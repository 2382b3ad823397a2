import { removeLogo, storeLogo, type ContextOf, type Organization, type RequestOf } from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { StoredPictures } from '../../account/picture/stored-pictures';
import { OrganizationAccess, type Tenant } from './organization-access';
import { OrganizationViews } from './organization-views';
import { updateOrganization } from './organizations.table';

/** Each organization has one logo. It is stored like users' pictures. */
@Controller()
export class LogoHandler {
  constructor(
    private readonly access: OrganizationAccess,
    private readonly views: OrganizationViews,
    private readonly pictures: StoredPictures,
  ) {}

  /** @throws ProblemError `service_unavailable` if the store does not respond */
  @Handles(storeLogo)
  async store(
    { organizationId, picture }: RequestOf<typeof storeLogo>,
    context: ContextOf<typeof storeLogo>,
  ): Promise<Organization> {
    // Check first, so that a caller without permission does not reach the store.
    const { membership } = await this.access.run(context, storeLogo, organizationId, async (tenant) => tenant);
    const logoObject = await this.pictures.keep(picture, (id) =>
      this.access.runLocked(context, storeLogo, organizationId, (tenant) => this.replace(tenant, id)),
    );
    return this.views.of({ ...membership, logoObject });
  }

  @Handles(removeLogo)
  remove({ organizationId }: RequestOf<typeof removeLogo>, context: ContextOf<typeof removeLogo>): Promise<null> {
    return this.access.runLocked(context, removeLogo, organizationId, async (tenant) => {
      await this.replace(tenant, null);
      return null;
    });
  }

  /** The organization is locked, so that each of several concurrent changes sees the one before it. */
  private async replace(tenant: Tenant, id: string | null): Promise<void> {
    const { manager, organizationId, membership } = tenant;
    await updateOrganization(manager, organizationId, { logoObject: id });
    await this.pictures.exchange(manager, membership.logoObject, id);
    if (membership.logoObject === id) return;
    const act = id === null ? 'organization.logo_removed' : 'organization.logo_changed';
    await tenant.record(act, { type: 'organization', id: organizationId });
  }
}
