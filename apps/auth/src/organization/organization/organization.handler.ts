import {
  createOrganization,
  deleteOrganization,
  getOrganization,
  listOrganizations,
  removeLogo,
  renameOrganization,
  restoreOrganization,
  storeLogo,
  type ContextOf,
  type RequestOf,
  type ResponseInput,
} from '#libs/contracts';
import { Handles } from '#libs/rpc';
import { Controller } from '@nestjs/common';
import { LogoService } from './logo.service';
import { OrganizationDeletionService } from './organization-deletion.service';
import { OrganizationService } from './organization.service';

@Controller()
export class OrganizationHandler {
  constructor(
    private readonly organizations: OrganizationService,
    private readonly deletion: OrganizationDeletionService,
    private readonly logos: LogoService,
  ) {}

  @Handles(createOrganization)
  create(
    { name }: RequestOf<typeof createOrganization>,
    { actor }: ContextOf<typeof createOrganization>,
  ): Promise<ResponseInput<typeof createOrganization>> {
    return this.organizations.create(actor.userId, name);
  }

  @Handles(listOrganizations)
  list(
    page: RequestOf<typeof listOrganizations>,
    { actor }: ContextOf<typeof listOrganizations>,
  ): Promise<ResponseInput<typeof listOrganizations>> {
    return this.organizations.list(actor.userId, page);
  }

  @Handles(getOrganization)
  get(
    { organizationId }: RequestOf<typeof getOrganization>,
    context: ContextOf<typeof getOrganization>,
  ): Promise<ResponseInput<typeof getOrganization>> {
    return this.organizations.get(context, organizationId);
  }

  @Handles(renameOrganization)
  rename(
    change: RequestOf<typeof renameOrganization>,
    context: ContextOf<typeof renameOrganization>,
  ): Promise<ResponseInput<typeof renameOrganization>> {
    return this.organizations.rename(context, change);
  }

  @Handles(deleteOrganization)
  requestDeletion(
    { organizationId }: RequestOf<typeof deleteOrganization>,
    context: ContextOf<typeof deleteOrganization>,
  ): Promise<ResponseInput<typeof deleteOrganization>> {
    return this.deletion.request(context, organizationId);
  }

  @Handles(restoreOrganization)
  restore(
    { organizationId }: RequestOf<typeof restoreOrganization>,
    context: ContextOf<typeof restoreOrganization>,
  ): Promise<ResponseInput<typeof restoreOrganization>> {
    return this.deletion.restore(context, organizationId);
  }

  @Handles(storeLogo)
  storeLogo(
    logo: RequestOf<typeof storeLogo>,
    context: ContextOf<typeof storeLogo>,
  ): Promise<ResponseInput<typeof storeLogo>> {
    return this.logos.store(context, logo);
  }

  @Handles(removeLogo)
  removeLogo(
    { organizationId }: RequestOf<typeof removeLogo>,
    context: ContextOf<typeof removeLogo>,
  ): Promise<ResponseInput<typeof removeLogo>> {
    return this.logos.remove(context, organizationId);
  }
}
